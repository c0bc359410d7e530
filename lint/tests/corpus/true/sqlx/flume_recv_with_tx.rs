// The acknowledgement of another task is received inside the transaction.
use sqlx::PgPool;

pub struct Ack(pub bool);

pub async fn hand_over(
    pool: &PgPool,
    acks: flume::Receiver<Ack>,
    batch: i64,
) -> anyhow::Result<bool> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE batches SET state = 'offered' WHERE id = $1")
        .bind(batch)
        .execute(&mut *tx)
        .await?;
    let ack = acks.recv_async().await?; //~ SA003
    if ack.0 {
        tx.commit().await?;
    } else {
        tx.rollback().await?;
    }
    Ok(ack.0)
}
