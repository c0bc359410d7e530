use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, id: i64) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut tx = conn.begin().await?;
        sqlx::query("INSERT INTO calls (tool) VALUES ($1)").bind(id).execute(&mut *tx).await?;
        let count = sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(count)
    })
    .await
}

fn main() {}
