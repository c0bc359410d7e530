// An await in an argument behind a closure.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = Some(1).map_or_else(|| 2, |one| one).max(remote().await.len());
        Ok(())
    })
    .await
}

fn main() {}
