// In a chain of `if let`.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        if let Some(1) = Some(1)
            && !remote().await.is_empty()
        {
            return Ok(1);
        }
        Ok(2)
    })
    .await
}

fn main() {}
