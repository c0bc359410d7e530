// The transaction is ended on every path that succeeds.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn merge(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    winner: i64,
    loser: i64,
) -> anyhow::Result<bool> {
    let mut conn = pool.get().await?;
    let tx = conn.transaction().await?;
    let moved = tx
        .execute("UPDATE orders SET customer = $1 WHERE customer = $2", &[&winner, &loser])
        .await?;
    let done = if moved == 0 {
        tx.rollback().await?;
        false
    } else {
        tx.execute("DELETE FROM customers WHERE id = $1", &[&loser]).await?;
        tx.commit().await?;
        true
    };
    Ok(done)
}
