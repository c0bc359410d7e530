// An await between two patterns of a chain.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        if let Some(one) = Some(1)
            && !remote().await.is_empty()
            && let Some(2) = Some(one + 1)
        {}
        Ok(())
    })
    .await
}

fn main() {}
