// A file to read.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(tokio::fs::read_to_string("/etc/hostname").await.unwrap_or_default())
    })
    .await
}

fn main() {}
