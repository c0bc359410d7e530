use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};

// What stands between two bars after a block is no closure's parameter.
#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: u8) -> Result<u8, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(if id > 1 { 1 } else { 4 } | u8::from(remote(id).await) | 2)
    })
    .await
}

async fn remote(_: u8) -> bool {
    tokio::time::sleep(Duration::from_secs(1)).await;
    true
}
