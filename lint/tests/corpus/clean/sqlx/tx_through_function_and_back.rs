// The transaction travels through functions that only run statements.
use sqlx::{PgPool, Postgres, Transaction};

type Tx = Transaction<'static, Postgres>;

async fn push(mut tx: Tx, kind: &str) -> sqlx::Result<(i64, Tx)> {
    let id = sqlx::query_scalar("INSERT INTO queue (kind) VALUES ($1) RETURNING id")
        .bind(kind)
        .fetch_one(&mut *tx)
        .await?;
    Ok((id, tx))
}

async fn tag(mut tx: Tx, job: i64, tag: &str) -> sqlx::Result<Tx> {
    sqlx::query("INSERT INTO tags (job, tag) VALUES ($1, $2)")
        .bind(job)
        .bind(tag)
        .execute(&mut *tx)
        .await?;
    Ok(tx)
}

pub async fn enqueue(
    pool: &PgPool,
    workers: &async_nats::Client,
    kind: &str,
) -> anyhow::Result<i64> {
    let (job, tx) = push(pool.begin().await?, kind).await?;
    let tx = tag(tx, job, "new").await?;
    tx.commit().await?;
    workers.publish("jobs", job.to_string().into()).await?;
    Ok(job)
}
