// A remote future in the scope of a task local.

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
tokio::task_local! {
    static WHO: u32;
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(WHO.scope(1, remote()).await)
    })
    .await
}

fn main() {}
