// The transaction ends before the remote call and a second one begins after it.
use sqlx::PgPool;

pub async fn charge(pool: &PgPool, gateway: &Gateway, order: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let cents: i64 =
        sqlx::query_scalar("UPDATE orders SET state = 'charging' WHERE id = $1 RETURNING cents")
            .bind(order)
            .fetch_one(&mut *tx)
            .await?;
    tx.commit().await?;

    let receipt = gateway.charge(order, cents).await?;

    let mut tx = pool.begin().await?;
    sqlx::query("INSERT INTO receipts (order_id, body) VALUES ($1, $2)")
        .bind(order)
        .bind(receipt)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE orders SET state = 'paid' WHERE id = $1")
        .bind(order)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

pub struct Gateway {
    http: reqwest::Client,
}

impl Gateway {
    pub async fn charge(&self, order: i64, cents: i64) -> anyhow::Result<String> {
        Ok(self.http.post("http://pay").json(&(order, cents)).send().await?.text().await?)
    }
}
