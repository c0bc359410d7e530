// An instrumented async block holds a transaction over a remote call.
use sqlx::PgPool;
use tracing::{Instrument, info_span};

pub async fn close_account(pool: &PgPool, bank: &BankApi, account: i64) -> anyhow::Result<()> {
    async {
        let mut tx = pool.begin().await?;
        let iban: String =
            sqlx::query_scalar("UPDATE accounts SET closed = true WHERE id = $1 RETURNING iban")
                .bind(account)
                .fetch_one(&mut *tx)
                .await?;
        bank.close(&iban).await?; //~ SA001
        tx.commit().await?;
        Ok(())
    }
    .instrument(info_span!("close_account", account))
    .await
}

pub struct BankApi(reqwest::Client);

impl BankApi {
    pub async fn close(&self, iban: &str) -> anyhow::Result<()> {
        self.0.delete(format!("http://bank/{iban}")).send().await?;
        Ok(())
    }
}
