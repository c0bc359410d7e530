// A macro defined in the lease itself.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        macro_rules! ask {
            () => {
                remote().await
            };
        }
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(ask!())
    })
    .await
}

fn main() {}
