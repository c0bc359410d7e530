// A spawned worker owns the connection for its whole life and publishes to a broker with it.
use lapin::{BasicProperties, Channel, options::BasicPublishOptions};
use sqlx::PgPool;

pub fn start_outbox(pool: PgPool, channel: Channel) -> tokio::task::JoinHandle<anyhow::Result<()>> {
    tokio::spawn(async move {
        let mut conn = pool.acquire().await?;
        let pending: Vec<(i64, Vec<u8>)> =
            sqlx::query_as("SELECT id, payload FROM outbox WHERE sent_at IS NULL LIMIT 100")
                .fetch_all(&mut *conn)
                .await?;
        for (id, payload) in pending {
            let confirm = channel
                .basic_publish(
                    "events",
                    "outbox",
                    BasicPublishOptions::default(),
                    &payload,
                    BasicProperties::default(),
                )
                .await?; //~ SA001
            confirm.await?; //~ SA001
            sqlx::query("UPDATE outbox SET sent_at = now() WHERE id = $1")
                .bind(id)
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    })
}
