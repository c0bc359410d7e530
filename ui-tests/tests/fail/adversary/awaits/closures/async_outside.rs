// An async closure made before the lease.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(
    db: &mut Session<Sqlite>,
    ask: impl AsyncFn() -> String,
) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(&mut *conn).await?;
        Ok(ask().await)
    })
    .await
}

fn main() {}
