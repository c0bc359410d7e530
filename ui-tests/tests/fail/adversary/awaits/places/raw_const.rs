// A raw pointer to a field of what a block gives, which looks like a constant.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<bool, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let pair = (1, 2);
        Ok((&raw const { drop(remote().await); &pair }.0).is_null())
    })
    .await
}

fn main() {}
