// The connection moved out of its reference, to a task.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let owned = *conn;
        tokio::spawn(std::future::ready(drop(owned)));
        Ok(())
    })
    .await
}

fn main() {}
