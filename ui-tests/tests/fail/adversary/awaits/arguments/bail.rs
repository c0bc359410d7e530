// The await in `bail!`.

use shortlease::{Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> anyhow::Result<()> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        anyhow::bail!("{}", remote().await)
    })
    .await
}

fn main() {}
