// A guard with a name that starts with an underscore lives to the end all the same.
use sqlx::PgPool;

pub async fn warm(pool: &PgPool, cache: &CacheApi) -> anyhow::Result<()> {
    let _connection = pool.acquire().await?;
    cache.warm().await?; //~ SA001
    Ok(())
}

pub struct CacheApi(reqwest::Client);

impl CacheApi {
    pub async fn warm(&self) -> anyhow::Result<()> {
        self.0.post("http://cache/warm").send().await?;
        Ok(())
    }
}
