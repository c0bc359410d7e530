// An await in the rest of a struct.
use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

#[allow(dead_code)]
struct Tool {
    name: String,
    cost: i64,
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        let _ = Tool { name: String::new(), ..Tool { name: remote().await, cost: 1 } };
        Ok(())
    })
    .await
}

fn main() {}
