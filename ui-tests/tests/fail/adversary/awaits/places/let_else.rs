// In a `let else`.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<char, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        let Some(out) = remote().await.pop() else { return Ok('-') };
        Ok(out)
    })
    .await
}

fn main() {}
