// An optional transaction is taken and committed before the upload.
use sqlx::{PgPool, Postgres, Transaction};

#[derive(Default)]
pub struct Batch {
    tx: Option<Transaction<'static, Postgres>>,
    keys: Vec<String>,
}

impl Batch {
    pub async fn add(&mut self, pool: &PgPool, key: &str) -> sqlx::Result<()> {
        if self.tx.is_none() {
            self.tx = Some(pool.begin().await?);
        }
        if let Some(tx) = &mut self.tx {
            sqlx::query("INSERT INTO keys (key) VALUES ($1)").bind(key).execute(&mut **tx).await?;
            self.keys.push(key.to_owned());
        }
        Ok(())
    }

    pub async fn commit(&mut self) -> sqlx::Result<Vec<String>> {
        match self.tx.take() {
            Some(tx) => tx.commit().await?,
            None => return Ok(Vec::new()),
        }
        Ok(std::mem::take(&mut self.keys))
    }
}
