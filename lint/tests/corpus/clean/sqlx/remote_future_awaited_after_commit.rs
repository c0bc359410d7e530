// The remote future is created inside the transaction but awaited after the commit.
use sqlx::PgPool;

pub async fn publish(pool: &PgPool, http: &reqwest::Client, post: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let url: String =
        sqlx::query_scalar("UPDATE posts SET live = true WHERE id = $1 RETURNING ping_url")
            .bind(post)
            .fetch_one(&mut *tx)
            .await?;
    let ping = http.post(url).send();
    tx.commit().await?;
    ping.await?;
    Ok(())
}
