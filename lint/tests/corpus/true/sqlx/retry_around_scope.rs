// A retry wrapper reruns a closure whose transaction spans a call to the inventory service.
use backon::{ExponentialBuilder, Retryable};
use sqlx::PgPool;

pub async fn reserve_stock(
    pool: &PgPool,
    inventory: &InventoryClient,
    order: i64,
) -> anyhow::Result<()> {
    let attempt = || async {
        let mut tx = pool.begin().await?;
        let skus: Vec<String> =
            sqlx::query_scalar("SELECT sku FROM order_lines WHERE order_id = $1")
                .bind(order)
                .fetch_all(&mut *tx)
                .await?;
        inventory.reserve(&skus).await?; //~ SA001
        sqlx::query("UPDATE orders SET reserved = true WHERE id = $1")
            .bind(order)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        anyhow::Ok(())
    };
    attempt.retry(ExponentialBuilder::default()).await
}

pub struct InventoryClient {
    http: reqwest::Client,
}

impl InventoryClient {
    pub async fn reserve(&self, skus: &[String]) -> anyhow::Result<()> {
        self.http.post("http://inventory/reservations").json(skus).send().await?;
        Ok(())
    }
}
