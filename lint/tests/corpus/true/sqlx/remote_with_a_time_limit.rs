// A time limit on the remote call does not give the connection back.
use std::time::Duration;

use sqlx::PgPool;
use tokio::time::timeout;

pub async fn reserve(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE rooms SET reserved = true WHERE id = $1").bind(id).execute(&mut *tx).await?;
    let call = http.post("https://hotel.test/reserve").json(&id).send();
    let answer = timeout(Duration::from_secs(5), call).await??; //~ SA001
    anyhow::ensure!(answer.status().is_success(), "refused");
    tx.commit().await?;
    Ok(())
}
