// A default method of a trait holds what its required method gives.
use sqlx::{PgPool, Postgres, Transaction};

pub trait Ledger: Sync {
    fn pool(&self) -> &PgPool;

    fn rates(&self) -> &RateApi;

    async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.pool().begin().await
    }

    async fn book(&self, cents: i64, currency: &str) -> anyhow::Result<()> {
        let mut tx = self.begin().await?;
        let rate = self.rates().get(currency).await?; //~ SA001
        sqlx::query("INSERT INTO bookings (cents) VALUES ($1)")
            .bind((cents as f64 * rate) as i64)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}

pub struct RateApi(reqwest::Client);

impl RateApi {
    pub async fn get(&self, currency: &str) -> anyhow::Result<f64> {
        Ok(self.0.get(format!("http://rates/{currency}")).send().await?.json().await?)
    }
}
