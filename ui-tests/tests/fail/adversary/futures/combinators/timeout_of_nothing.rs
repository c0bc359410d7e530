// A time limit around a future that never ends, to sleep.
use futures::future::Fuse;
use shortlease::{Error, Session, Sqlite, handler};
use std::future::Ready;
use std::time::Duration;
use tokio::time::timeout;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let never = Fuse::<Ready<()>>::terminated();
        let _ = timeout(Duration::from_secs(1), never).await;
        Ok(())
    })
    .await
}

fn main() {}
