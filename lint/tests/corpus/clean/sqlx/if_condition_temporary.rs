// The temporaries of a plain if condition end before its block.
use sqlx::SqlitePool;

pub async fn maybe_notify(
    pool: &SqlitePool,
    http: &reqwest::Client,
    id: i64,
) -> anyhow::Result<()> {
    if sqlx::query_scalar::<_, bool>("SELECT wants_mail FROM users WHERE id = ?1")
        .bind(id)
        .fetch_one(&mut *pool.acquire().await?)
        .await?
    {
        http.post("http://mail").body(id.to_string()).send().await?;
    }
    Ok(())
}
