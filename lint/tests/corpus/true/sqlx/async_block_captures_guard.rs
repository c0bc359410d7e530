// An async block captures the connection, and something else is awaited before the block is.
use sqlx::{PgPool, Row};

pub async fn warm_up(pool: &PgPool, features: &FeatureFlags) -> anyhow::Result<Vec<String>> {
    let mut conn = pool.acquire().await?;
    let load = async move {
        let rows = sqlx::query("SELECT name FROM tenants").fetch_all(&mut *conn).await?;
        Ok::<_, sqlx::Error>(rows.iter().map(|row| row.get(0)).collect::<Vec<String>>())
    };
    let enabled = features.fetch("tenant-cache").await?; //~ SA001
    let tenants = load.await?;
    Ok(if enabled { tenants } else { Vec::new() })
}

pub struct FeatureFlags {
    http: reqwest::Client,
    base: String,
}

impl FeatureFlags {
    pub async fn fetch(&self, flag: &str) -> anyhow::Result<bool> {
        let text = self.http.get(format!("{}/{flag}", self.base)).send().await?.text().await?;
        Ok(text == "on")
    }
}
