// The acquire future is created early but takes no connection until it is awaited.
use sqlx::PgPool;

pub async fn store_quote(
    pool: &PgPool,
    http: &reqwest::Client,
    symbol: &str,
) -> anyhow::Result<()> {
    let connection = pool.acquire();
    let price: f64 = http.get(format!("http://quotes/{symbol}")).send().await?.json().await?;
    let mut connection = connection.await?;
    sqlx::query("INSERT INTO quotes (symbol, price) VALUES ($1, $2)")
        .bind(symbol)
        .bind(price)
        .execute(&mut *connection)
        .await?;
    sqlx::query("UPDATE symbols SET quoted = now() WHERE name = $1")
        .bind(symbol)
        .execute(&mut *connection)
        .await?;
    Ok(())
}
