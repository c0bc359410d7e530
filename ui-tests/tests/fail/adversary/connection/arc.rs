// The connection shared with a task.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use std::sync::{Arc, Mutex};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        let shared = Arc::new(Mutex::new(conn));
        tokio::spawn({
            let shared = Arc::clone(&shared);
            async move { drop((shared.lock(), remote())) }
        });
        Ok(())
    })
    .await
}

fn main() {}
