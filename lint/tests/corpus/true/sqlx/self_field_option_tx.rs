// A session keeps an optional transaction in itself and uploads an attachment while it is open.
use sqlx::{PgPool, Postgres, Transaction};

pub struct ImportSession {
    pool: PgPool,
    tx: Option<Transaction<'static, Postgres>>,
    bucket: aws_sdk_s3::Client,
}

impl ImportSession {
    pub async fn run(&mut self, key: &str, body: Vec<u8>) -> anyhow::Result<()> {
        self.tx = Some(self.pool.begin().await?);
        if let Some(tx) = self.tx.as_mut() {
            sqlx::query("INSERT INTO uploads (key, size) VALUES ($1, $2)")
                .bind(key)
                .bind(body.len() as i64)
                .execute(&mut **tx)
                .await?;
        }
        self.bucket.put_object().bucket("imports").key(key).body(body.into()).send().await?; //~ SA001
        if let Some(tx) = self.tx.take() {
            tx.commit().await?;
        }
        Ok(())
    }
}
