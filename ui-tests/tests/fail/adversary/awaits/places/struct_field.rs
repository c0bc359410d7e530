// An await in a block in the field of a struct.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(dead_code)]
struct Tool {
    name: String,
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = Tool { name: { remote().await } };
        Ok(())
    })
    .await
}

fn main() {}
