// A rate limiter's permit is awaited with a transaction open.
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::Semaphore;

pub struct Exporter {
    limiter: Arc<Semaphore>,
    pool: PgPool,
}

impl Exporter {
    pub async fn export(&self, id: i64) -> anyhow::Result<String> {
        let mut tx = self.pool.begin().await?;
        let csv: Vec<String> =
            sqlx::query_scalar("SELECT line FROM export_lines WHERE export = $1")
                .bind(id)
                .fetch_all(&mut *tx)
                .await?;
        let _permit = self.limiter.acquire().await?; //~ SA003
        sqlx::query("UPDATE exports SET done = true WHERE id = $1")
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(csv.join("\n"))
    }
}
