// A unit of work takes its transaction out of its place, and tells someone before it commits.
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
        let Some(tx) = self.tx.take() else { return Ok(()) };
        http.post("https://hooks.test/done").send().await?; //~ SA001
        tx.commit().await?;
        Ok(())
    }
}
