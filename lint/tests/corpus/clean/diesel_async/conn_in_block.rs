// The connection ends with its block, before the exchange rate is asked.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};

use crate::schema::invoices;

pub async fn convert(
    pool: &Pool<AsyncPgConnection>,
    fx: &FxClient,
    id: i64,
) -> Result<(), InvoiceError> {
    let (cents, currency): (i64, String) = {
        let mut conn = pool.get().await?;
        invoices::table
            .find(id)
            .select((invoices::cents, invoices::currency))
            .first(&mut conn)
            .await?
    };
    let rate = fx.rate(&currency).await?;
    let mut conn = pool.get().await?;
    diesel::update(invoices::table.find(id))
        .set(invoices::cents_eur.eq((cents as f64 * rate) as i64))
        .execute(&mut conn)
        .await?;
    Ok(())
}

pub struct FxClient(reqwest::Client);

impl FxClient {
    pub async fn rate(&self, from: &str) -> Result<f64, reqwest::Error> {
        self.0.get(format!("http://fx/{from}")).send().await?.json().await
    }
}
