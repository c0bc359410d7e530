// A background function that returns nothing never ends its transaction.
use sqlx::PgPool;

pub async fn record_heartbeat(pool: PgPool, node: String) {
    let mut tx = match pool.begin().await { //~ SA005
        Ok(tx) => tx,
        Err(error) => {
            tracing::warn!(%error, "no heartbeat");
            return;
        }
    };
    if let Err(error) = sqlx::query("UPDATE nodes SET seen = now() WHERE name = $1")
        .bind(&node)
        .execute(&mut *tx)
        .await
    {
        tracing::warn!(%error, node, "no heartbeat");
    }
}
