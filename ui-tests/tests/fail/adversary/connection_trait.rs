// A transaction of `sqlx` on the leased connection.
use shortlease::{Error, Session, Sqlite, handler};
use sqlx::Connection;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let transaction = Connection::begin(conn).await?;
        drop(transaction);
        Ok(())
    })
    .await
}

fn main() {}
