// Two statements on the pool run side by side, each on its own, while nothing is held.
use sqlx::PgPool;

pub async fn overview(pool: &PgPool) -> sqlx::Result<(i64, i64)> {
    tokio::try_join!(
        sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(pool),
        sqlx::query_scalar("SELECT count(*) FROM posts").fetch_one(pool),
    )
}
