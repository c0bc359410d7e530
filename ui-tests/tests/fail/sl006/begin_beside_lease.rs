use shortlease::{Error, Session, Sqlite, handler};

struct State {
    pool: sqlx::SqlitePool,
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, state: &State, id: i64) -> Result<i64, Error> {
    db.lease(async |conn| {
        let mut tx = state.pool.begin().await?;
        sqlx::query("INSERT INTO calls (tool) VALUES ($1)").bind(id).execute(&mut *tx).await?;
        let count = sqlx::query_scalar("SELECT count(*) FROM calls").fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(count)
    })
    .await
}

fn main() {}
