// The verb of `sqlx`'s `Executor`, on the connection, with a text that was made at run time.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        conn.execute(format!("DELETE FROM {}", "calls")).await?;
        Ok(())
    })
    .await
}

fn main() {}
