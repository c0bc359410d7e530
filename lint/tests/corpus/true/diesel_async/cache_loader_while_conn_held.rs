// A cache is asked under a connection, and asks another service if it has no value.
use diesel::prelude::*;
use diesel_async::pooled_connection::bb8::Pool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

pub struct Rates {
    cache: moka::future::Cache<String, f64>,
    http: reqwest::Client,
}

impl Rates {
    async fn of(&self, currency: &str) -> anyhow::Result<f64> {
        if let Some(rate) = self.cache.get(currency).await {
            return Ok(rate);
        }
        let url = format!("https://rates.test/{currency}");
        let rate = self.http.get(url).send().await?.json().await?;
        self.cache.insert(currency.to_owned(), rate).await;
        Ok(rate)
    }
}

pub async fn total(pool: &Pool<AsyncPgConnection>, rates: &Rates) -> anyhow::Result<f64> {
    let conn = &mut pool.get().await?;
    let open: Vec<(String, f64)> =
        invoices::table.select((invoices::currency, invoices::amount)).load(conn).await?;
    let mut sum = 0.0;
    for (currency, amount) in open {
        sum += amount * rates.of(&currency).await?; //~ SA001
    }
    diesel::insert_into(totals::table).values(totals::sum.eq(sum)).execute(conn).await?;
    Ok(sum)
}
