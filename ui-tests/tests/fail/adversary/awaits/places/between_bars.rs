// A remote call between two bars, which could be a closure's.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: bool) -> Result<bool, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(if id { true } else { false } | matching(remote().await) | id)
    })
    .await
}

fn matching(_: String) -> bool {
    true
}

fn main() {}
