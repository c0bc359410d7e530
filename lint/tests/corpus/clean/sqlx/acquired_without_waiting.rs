// A connection that was free is given back before the service is asked.
use sqlx::PgPool;

pub async fn warm(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    if let Some(mut conn) = pool.try_acquire() {
        sqlx::query("SELECT 1").execute(&mut *conn).await?;
    }
    http.get("https://names.test").send().await?;
    Ok(())
}
