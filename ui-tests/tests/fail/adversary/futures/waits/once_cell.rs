// A cell that is filled by a remote call.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::sync::OnceCell;
static CELL: OnceCell<String> = OnceCell::const_new();

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(CELL.get_or_init(remote).await.clone())
    })
    .await
}

fn main() {}
