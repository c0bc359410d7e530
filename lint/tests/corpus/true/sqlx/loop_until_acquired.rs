// A loop waits until the pool has a connection; what it breaks with is held over a call.
use sqlx::PgPool;
use std::time::Duration;

pub async fn stubborn(pool: &PgPool, ntp: &TimeApi) -> anyhow::Result<()> {
    let mut conn = loop {
        match pool.acquire().await {
            Ok(conn) => break conn,
            Err(error) => {
                tracing::warn!(%error, "no connection yet");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    };
    let now = ntp.now().await?; //~ SA001
    sqlx::query("UPDATE clock SET skew = extract(epoch FROM now()) - $1")
        .bind(now)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

pub struct TimeApi(reqwest::Client);

impl TimeApi {
    pub async fn now(&self) -> anyhow::Result<f64> {
        Ok(self.0.get("http://time").send().await?.json().await?)
    }
}
