use shortlease::handler;
use sqlx::SqlitePool;

#[handler]
async fn url(pool: &SqlitePool, id: i64) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT url FROM tools WHERE id = $1").bind(id).fetch_one(pool).await
}

fn main() {}
