// The commit takes the transaction with it, whatever its result, and the call comes after.
use sqlx::PgPool;

pub async fn finish(pool: &PgPool, alerts: &Alerts, job: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE jobs SET done = true WHERE id = $1").bind(job).execute(&mut *tx).await?;
    match tx.commit().await {
        Ok(()) => alerts.send("done").await,
        Err(error) => {
            alerts.send("not committed").await?;
            Err(error.into())
        }
    }
}

pub struct Alerts(reqwest::Client);

impl Alerts {
    pub async fn send(&self, text: &str) -> anyhow::Result<()> {
        self.0.post("http://alerts").body(text.to_owned()).send().await?;
        Ok(())
    }
}
