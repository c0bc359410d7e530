// An async block in the `Ok` of a body, awaited there.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(async { remote().await }.await)
    })
    .await
}

fn main() {}
