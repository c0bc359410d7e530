// The remote call is tried again by a helper from outside.
use backoff::ExponentialBackoff;
use sqlx::PgPool;

async fn price(http: &reqwest::Client, sku: &str) -> Result<i64, backoff::Error<reqwest::Error>> {
    let answer = http.get(format!("https://prices.test/{sku}")).send().await?;
    Ok(answer.json().await?)
}

pub async fn reprice(pool: &PgPool, http: &reqwest::Client, sku: &str) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT 1 FROM items WHERE sku = $1 FOR UPDATE").bind(sku).execute(&mut *tx).await?;
    let policy = ExponentialBackoff::default();
    let new = backoff::future::retry(policy, || async { price(http, sku).await }).await?; //~ SA001
    sqlx::query("UPDATE items SET price = $1 WHERE sku = $2")
        .bind(new)
        .bind(sku)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
