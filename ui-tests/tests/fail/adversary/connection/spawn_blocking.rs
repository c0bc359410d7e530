// The connection taken to a blocking task.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        tokio::task::spawn_blocking(move || drop(conn));
        Ok(())
    })
    .await
}

fn main() {}
