use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::runtime::Handle;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(Handle::current().block_on(remote()))
    })
    .await
}

fn main() {}
