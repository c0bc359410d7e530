// A plain iterator is turned into a stream whose closure only runs statements on the connection.
use sqlx::PgPool;

pub async fn touch_all(pool: &PgPool, ids: &[i64]) -> sqlx::Result<()> {
    let mut conn = pool.acquire().await?;
    for chunk in ids.chunks(100) {
        sqlx::query("UPDATE items SET touched = now() WHERE id = ANY($1)")
            .bind(chunk)
            .execute(&mut *conn)
            .await?;
    }
    let touched: i64 =
        sqlx::query_scalar("SELECT count(*) FROM items WHERE touched > now() - interval '1 s'")
            .fetch_one(&mut *conn)
            .await?;
    tracing::info!(touched, "touched");
    Ok(())
}
