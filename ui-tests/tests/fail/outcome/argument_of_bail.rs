use shortlease::{Session, Sqlite, handler};

struct Tool;

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, tool: Tool) -> anyhow::Result<()> {
    db.lease(async |conn| {
        let calls = sqlx::query("DELETE FROM calls").execute(conn).await?;
        if calls.rows_affected() == 0 {
            anyhow::bail!("no calls of {}", tool);
        }
        Ok(())
    })
    .await
}

fn main() {}
