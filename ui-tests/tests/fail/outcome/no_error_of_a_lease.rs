use shortlease::{Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<u64, String> {
    db.lease(async |conn| {
        let done = sqlx::query("DELETE FROM calls").execute(conn).await;
        done.map(|done| done.rows_affected()).map_err(|error| error.to_string())
    })
    .await
}

fn main() {}
