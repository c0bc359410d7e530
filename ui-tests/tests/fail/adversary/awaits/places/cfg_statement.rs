// A remote call behind `cfg`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        #[cfg(not(test))]
        remote().await;
        Ok(())
    })
    .await
}

fn main() {}
