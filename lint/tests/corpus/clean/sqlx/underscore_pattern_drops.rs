// A guard that is bound to nothing ends with its statement.
use sqlx::PgPool;

pub async fn warm(pool: &PgPool, cache: &CacheApi) -> anyhow::Result<()> {
    let _ = pool.acquire().await?;
    pool.acquire().await?;
    cache.warm().await?;
    Ok(())
}

pub struct CacheApi(reqwest::Client);

impl CacheApi {
    pub async fn warm(&self) -> anyhow::Result<()> {
        self.0.post("http://cache/warm").send().await?;
        Ok(())
    }
}
