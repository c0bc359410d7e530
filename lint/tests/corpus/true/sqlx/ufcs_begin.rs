// The transaction is begun by the path form of the method.
use sqlx::{Acquire, PgPool, Pool};

pub async fn merge(pool: &PgPool, dedupe: &DedupeApi, a: i64, b: i64) -> anyhow::Result<()> {
    let mut tx = Pool::begin(pool).await?;
    let mut point = Acquire::begin(&mut *tx).await?;
    sqlx::query("UPDATE people SET merged = $1 WHERE id = $2")
        .bind(a)
        .bind(b)
        .execute(&mut *point)
        .await?;
    point.commit().await?;
    dedupe.merged(a, b).await?; //~ SA001
    tx.commit().await?;
    Ok(())
}

pub struct DedupeApi(reqwest::Client);

impl DedupeApi {
    pub async fn merged(&self, a: i64, b: i64) -> anyhow::Result<()> {
        self.0.post("http://dedupe").json(&(a, b)).send().await?;
        Ok(())
    }
}
