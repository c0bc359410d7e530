// A permit to wait for.
use shortlease::{Error, Session, Sqlite, handler};
use tokio::sync::Semaphore;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, limit: &Semaphore) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let _permit = limit.acquire_many(1).await;
        Ok(())
    })
    .await
}

fn main() {}
