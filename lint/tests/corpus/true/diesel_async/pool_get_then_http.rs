// A connection of a diesel-async pool is held while a currency service is asked.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};

use crate::schema::invoices;

pub async fn convert(
    pool: &Pool<AsyncPgConnection>,
    fx: &FxClient,
    id: i64,
) -> Result<(), InvoiceError> {
    let mut conn = pool.get().await?;
    let (cents, currency): (i64, String) = invoices::table
        .find(id)
        .select((invoices::cents, invoices::currency))
        .first(&mut conn)
        .await?;
    let rate = fx.rate(&currency, "EUR").await?; //~ SA001
    diesel::update(invoices::table.find(id))
        .set(invoices::cents_eur.eq((cents as f64 * rate) as i64))
        .execute(&mut conn)
        .await?;
    Ok(())
}

pub struct FxClient(reqwest::Client);

impl FxClient {
    pub async fn rate(&self, from: &str, to: &str) -> Result<f64, reqwest::Error> {
        self.0.get(format!("http://fx/{from}/{to}")).send().await?.json().await
    }
}
