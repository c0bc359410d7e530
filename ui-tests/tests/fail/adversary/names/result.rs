// A `Result` of my own in the signature.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
type Result<T, E> = std::result::Result<T, E>;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(remote().await)
    })
    .await
}

fn main() {}
