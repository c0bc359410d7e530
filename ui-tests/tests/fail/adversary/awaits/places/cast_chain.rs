// An await behind casts and a comparison.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = 1_u8 as i64 as usize <= remote().await.len();
        Ok(())
    })
    .await
}

fn main() {}
