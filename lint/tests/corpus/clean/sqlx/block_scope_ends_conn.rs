// A block ends the connection before the remote call.
use sqlx::PgPool;

pub async fn avatar(
    pool: &PgPool,
    http: &reqwest::Client,
    user: i64,
) -> anyhow::Result<bytes::Bytes> {
    let url: String = {
        let mut conn = pool.acquire().await?;
        sqlx::query("UPDATE users SET seen = now() WHERE id = $1")
            .bind(user)
            .execute(&mut *conn)
            .await?;
        sqlx::query_scalar("SELECT avatar FROM users WHERE id = $1")
            .bind(user)
            .fetch_one(&mut *conn)
            .await?
    };
    let response = http.get(url).send().await?.error_for_status()?;
    Ok(response.bytes().await?)
}
