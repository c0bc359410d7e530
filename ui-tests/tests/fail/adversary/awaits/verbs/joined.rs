// The future of a verb joined with a remote one.
use futures::future;
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let delete = sqlx::query("DELETE FROM calls").execute(conn);
        let (deleted, out) = future::join(delete, remote()).await;
        deleted?;
        Ok(out)
    })
    .await
}

fn main() {}
