// An await behind generics with an arrow in them.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = Option::<fn(i64) -> i64>::None.map_or(remote().await.len(), |_| 1);
        Ok(())
    })
    .await
}

fn main() {}
