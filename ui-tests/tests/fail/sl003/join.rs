use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let delete = sqlx::query("DELETE FROM calls").execute(conn);
        let (deleted, out) = tokio::join!(delete, remote());
        deleted?;
        Ok(out)
    })
    .await
}

fn main() {}
