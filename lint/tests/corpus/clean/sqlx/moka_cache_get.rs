// A cache's get and a database statement stand beside a remote call, and nothing is held.
use moka::future::Cache;
use sqlx::PgPool;
use std::sync::Arc;

pub struct Profiles {
    cache: Cache<i64, Arc<String>>,
    pool: PgPool,
    http: reqwest::Client,
}

impl Profiles {
    pub async fn get(&self, id: i64) -> anyhow::Result<Arc<String>> {
        if let Some(profile) = self.cache.get(&id).await {
            return Ok(profile);
        }
        let url: String = sqlx::query_scalar("SELECT url FROM profiles WHERE id = $1")
            .bind(id)
            .fetch_one(&self.pool)
            .await?;
        let profile = Arc::new(self.http.get(url).send().await?.text().await?);
        self.cache.insert(id, profile.clone()).await;
        Ok(profile)
    }
}
