// The blocking HTTP client is used inside an async function that holds a transaction.
use sqlx::PgPool;

pub async fn sync_rates(pool: &PgPool) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("DELETE FROM rates").execute(&mut *tx).await?;
    let rates: Vec<(String, f64)> = reqwest::blocking::get("https://rates.test/latest")?.json()?; //~ SA004
    for (currency, rate) in rates {
        sqlx::query("INSERT INTO rates (currency, rate) VALUES ($1, $2)")
            .bind(currency)
            .bind(rate)
            .execute(&mut *tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}
