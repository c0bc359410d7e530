// An async closure that calls out is defined early and called after the connection is gone.
use sqlx::PgPool;

pub async fn report(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let send = |text: String| async move {
        http.post("http://reports").body(text).send().await?;
        anyhow::Ok(())
    };
    let total: i64 = sqlx::query_scalar("SELECT count(*) FROM sales").fetch_one(&mut *conn).await?;
    let best: String = sqlx::query_scalar("SELECT name FROM sellers ORDER BY sold DESC LIMIT 1")
        .fetch_one(&mut *conn)
        .await?;
    drop(conn);
    send(format!("{total} sales, best: {best}")).await
}
