// A wait for somebody else to say something.
use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, changed: &tokio::sync::Notify) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        changed.notified().await;
        Ok(())
    })
    .await
}

fn main() {}
