// The verb of `sqlx` called as a function.
use shortlease::{Error, Session, Sqlite, handler};
use sqlx::query::Query;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        Query::execute(sqlx::query("DELETE FROM calls"), conn).await?;
        Ok(())
    })
    .await
}

fn main() {}
