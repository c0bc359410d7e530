// A transaction of a bb8 connection ends by drop on a path that reports success.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn merge(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    winner: i64,
    loser: i64,
) -> Result<bool, MergeError> {
    let mut conn = pool.get().await?;
    let transaction = conn.transaction().await?; //~ SA005
    let moved = transaction
        .execute("UPDATE orders SET customer = $1 WHERE customer = $2", &[&winner, &loser])
        .await?;
    if moved == 0 {
        tracing::info!(loser, "nothing to move");
        return Ok(false);
    }
    transaction.execute("DELETE FROM customers WHERE id = $1", &[&loser]).await?;
    transaction.commit().await?;
    Ok(true)
}
