// A queue's connection and channel, and a mail transport's pool, are no database's.
use futures::StreamExt;
use lapin::{Connection, ConnectionProperties, options::BasicAckOptions};
use sqlx::PgPool;

pub async fn consume(url: &str, pool: PgPool, mail: &dyn Mail) -> anyhow::Result<()> {
    let conn = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = conn.create_channel().await?;
    let mut deliveries =
        channel.basic_consume("orders", "mailer", Default::default(), Default::default()).await?;
    while let Some(delivery) = deliveries.next().await {
        let delivery = delivery?;
        let order: i64 = std::str::from_utf8(&delivery.data)?.parse()?;
        let email: String = sqlx::query_scalar("SELECT email FROM orders WHERE id = $1")
            .bind(order)
            .fetch_one(&pool)
            .await?;
        mail.send(&email).await?;
        delivery.ack(BasicAckOptions::default()).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
pub trait Mail: Send + Sync {
    async fn send(&self, to: &str) -> anyhow::Result<()>;
}
