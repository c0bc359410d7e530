// `join!` under another name.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::join as both;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let (out, _) = both!(remote(), remote());
        Ok(out)
    })
    .await
}

fn main() {}
