// The arm of a worker's select! holds a transaction over a remote call.
use sqlx::PgPool;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub async fn run(pool: PgPool, courier: Courier, stop: CancellationToken) -> anyhow::Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_secs(10));
    loop {
        tokio::select! {
            _ = stop.cancelled() => return Ok(()),
            _ = ticks.tick() => {
                let mut tx = pool.begin().await?;
                let due: Vec<i64> = sqlx::query_scalar("SELECT id FROM parcels WHERE due FOR UPDATE SKIP LOCKED")
                    .fetch_all(&mut *tx)
                    .await?;
                courier.collect(&due).await?; //~ SA001
                sqlx::query("UPDATE parcels SET due = false WHERE id = ANY($1)").bind(&due).execute(&mut *tx).await?;
                tx.commit().await?;
            }
        }
    }
}

pub struct Courier(reqwest::Client);

impl Courier {
    pub async fn collect(&self, parcels: &[i64]) -> anyhow::Result<()> {
        self.0.post("http://courier").json(parcels).send().await?;
        Ok(())
    }
}
