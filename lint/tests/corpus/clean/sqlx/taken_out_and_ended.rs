// A unit of work commits what it takes out of its place, and tells someone when that has ended.
use sqlx::{PgPool, Postgres, Transaction};

pub struct Unit {
    pool: PgPool,
    tx: Option<Transaction<'static, Postgres>>,
}

impl Unit {
    pub async fn begin(&mut self) -> sqlx::Result<()> {
        self.tx = Some(self.pool.begin().await?);
        Ok(())
    }

    pub async fn finish(&mut self, http: &reqwest::Client) -> anyhow::Result<()> {
        if let Some(tx) = self.tx.take() {
            tx.commit().await?;
        }
        http.post("https://hooks.test/done").send().await?;
        Ok(())
    }
}
