use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::Mcp;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, mcp: &Mcp) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("UPDATE tools SET uses = uses + 1").execute(conn).await?;
        let out = mcp.call("http://one").await;
        Ok(out)
    })
    .await
}

fn main() {}
