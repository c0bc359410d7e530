// The transaction goes into a function and comes back in a tuple.
use sqlx::{PgPool, Postgres, Transaction};

async fn push<'c>(
    mut tx: Transaction<'c, Postgres>,
    kind: &str,
) -> anyhow::Result<(i64, Transaction<'c, Postgres>)> {
    let id = sqlx::query_scalar("INSERT INTO queue (kind) VALUES ($1) RETURNING id")
        .bind(kind)
        .fetch_one(&mut *tx)
        .await?;
    Ok((id, tx))
}

pub async fn run_script(pool: &PgPool, worker: &WorkerApi, kind: &str) -> anyhow::Result<i64> {
    let tx = pool.begin().await?;
    let (job, tx) = push(tx, kind).await?;
    worker.wake(job).await?; //~ SA001
    tx.commit().await?;
    Ok(job)
}

pub struct WorkerApi(reqwest::Client);

impl WorkerApi {
    pub async fn wake(&self, job: i64) -> anyhow::Result<()> {
        self.0.post(format!("http://worker/{job}")).send().await?;
        Ok(())
    }
}
