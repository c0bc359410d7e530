// A lock that somebody holds while waiting for something remote.
use shortlease::{Error, Session, Sqlite, handler};
use tokio::sync::Mutex;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, shared: &Mutex<String>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(shared.lock().await.clone())
    })
    .await
}

fn main() {}
