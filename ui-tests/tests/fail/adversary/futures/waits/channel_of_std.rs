// Spawned work in the lease, joined through a channel of std.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let (send, receive) = std::sync::mpsc::channel();
        tokio::spawn(async move { send.send(remote().await) });
        Ok(receive.recv().unwrap_or_default())
    })
    .await
}

fn main() {}
