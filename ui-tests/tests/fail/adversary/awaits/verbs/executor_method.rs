// The verb of `sqlx`'s `Executor`, on the connection.
use shortlease::{Error, Session, Sqlite, handler};
#[allow(unused_imports)] // the verbs of the connection come first
use sqlx::Executor;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.execute("DELETE FROM calls").await?;
        Ok(())
    })
    .await
}

fn main() {}
