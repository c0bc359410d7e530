// An await in the chain of a `while`.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        while let Some(1) = Some(2)
            && remote().await.is_empty()
        {}
        Ok(())
    })
    .await
}

fn main() {}
