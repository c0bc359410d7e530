use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::runtime::Handle;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, handle: &Handle) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok((Handle::block_on)(handle, remote()))
    })
    .await
}

fn main() {}
