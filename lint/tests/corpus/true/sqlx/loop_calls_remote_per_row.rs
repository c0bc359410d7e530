// One connection serves a loop that asks a remote service for each row.
use sqlx::PgPool;
use tracing::warn;

pub struct PriceRefresher {
    pub pool: PgPool,
    pub quotes: QuoteApi,
}

impl PriceRefresher {
    pub async fn refresh_all(&self) -> anyhow::Result<usize> {
        let mut conn = self.pool.acquire().await?;
        let symbols: Vec<String> =
            sqlx::query_scalar("SELECT symbol FROM instruments").fetch_all(&mut *conn).await?;
        let mut updated = 0;
        for symbol in &symbols {
            let price = match self.quotes.latest(symbol).await { //~ SA001
                Ok(price) => price,
                Err(error) => {
                    warn!(%error, symbol, "no quote");
                    continue;
                }
            };
            sqlx::query("UPDATE instruments SET price = $1 WHERE symbol = $2")
                .bind(price)
                .bind(symbol)
                .execute(&mut *conn)
                .await?;
            updated += 1;
        }
        Ok(updated)
    }
}

pub struct QuoteApi {
    http: reqwest::Client,
}

impl QuoteApi {
    pub async fn latest(&self, symbol: &str) -> reqwest::Result<f64> {
        self.http.get(format!("http://quotes/{symbol}")).send().await?.json().await
    }
}
