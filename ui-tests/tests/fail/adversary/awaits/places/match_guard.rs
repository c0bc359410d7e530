// In the guard of a match.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<i64, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(match 1 {
            1 if remote().await.is_empty() => 1,
            _ => 2,
        })
    })
    .await
}

fn main() {}
