// A transaction of `sqlx` begun on the leased connection.

use shortlease::{Error, Session, Sqlite, handler};

fn begin<'c>(_: impl sqlx::Acquire<'c, Database = Sqlite>) {}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        drop(begin(conn));
        Ok(())
    })
    .await
}

fn main() {}
