// The permit of a semaphore is held across a remote call, which is what it is for.
use std::sync::Arc;
use tokio::sync::Semaphore;

pub struct Crawler {
    permits: Arc<Semaphore>,
    http: reqwest::Client,
    pool: sqlx::PgPool,
}

impl Crawler {
    pub async fn visit(&self, url: &str) -> anyhow::Result<()> {
        let permit = self.permits.acquire().await?;
        let html = self.http.get(url).send().await?.text().await?;
        drop(permit);
        sqlx::query("INSERT INTO pages (url, html) VALUES ($1, $2)")
            .bind(url)
            .bind(html)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
