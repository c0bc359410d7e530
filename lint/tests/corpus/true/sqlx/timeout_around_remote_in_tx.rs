// The remote call has a timeout, but a held connection waits for it all the same.
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::timeout;

pub async fn quote(pool: &PgPool, insurer: &Insurer, car: i64) -> anyhow::Result<Option<i64>> {
    let mut tx = pool.begin().await?;
    let plate: String = sqlx::query_scalar("SELECT plate FROM cars WHERE id = $1 FOR SHARE")
        .bind(car)
        .fetch_one(&mut *tx)
        .await?;
    let premium = timeout(Duration::from_secs(10), insurer.premium(&plate)).await; //~ SA001
    let premium = match premium {
        Ok(answer) => Some(answer?),
        Err(_) => None,
    };
    sqlx::query("INSERT INTO quotes (car, premium) VALUES ($1, $2)")
        .bind(car)
        .bind(premium)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(premium)
}

pub struct Insurer(reqwest::Client);

impl Insurer {
    pub async fn premium(&self, plate: &str) -> anyhow::Result<i64> {
        Ok(self.0.get(format!("http://insurer/{plate}")).send().await?.json().await?)
    }
}
