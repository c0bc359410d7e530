// A time limit around `pending`, to sleep.
use shortlease::{Error, Session, Sqlite, handler};
use std::future::pending;
use std::time::Duration;
use tokio::time::timeout;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let _ = timeout(Duration::from_secs(1), pending::<()>()).await;
        Ok(())
    })
    .await
}

fn main() {}
