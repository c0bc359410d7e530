// Committing the inner transaction does not give the connection back.
use sqlx::{Connection, PgPool};

pub async fn archive(pool: &PgPool, s3: &ObjectStore, batch: i64) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let mut tx = conn.begin().await?;
    let rows: Vec<(i64, String)> =
        sqlx::query_as("DELETE FROM events WHERE batch = $1 RETURNING id, body")
            .bind(batch)
            .fetch_all(&mut *tx)
            .await?;
    tx.commit().await?;
    let payload = serde_json::to_vec(&rows)?;
    s3.put(&format!("batches/{batch}.json"), payload).await?; //~ SA001
    Ok(())
}

#[derive(Clone)]
pub struct ObjectStore {
    client: reqwest::Client,
    bucket: String,
}

impl ObjectStore {
    pub async fn put(&self, key: &str, bytes: Vec<u8>) -> anyhow::Result<()> {
        self.client.put(format!("{}/{key}", self.bucket)).body(bytes).send().await?;
        Ok(())
    }
}
