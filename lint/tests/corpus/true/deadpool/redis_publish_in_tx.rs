// A message goes out through Redis inside an open PostgreSQL transaction.
use deadpool_postgres::Pool;
use redis::AsyncCommands;

pub struct Chat {
    pg: Pool,
    redis: redis::aio::ConnectionManager,
}

impl Chat {
    pub async fn post(&self, room: i64, text: &str) -> anyhow::Result<()> {
        let mut client = self.pg.get().await?;
        let tx = client.transaction().await?;
        tx.execute("INSERT INTO messages (room, text) VALUES ($1, $2)", &[&room, &text]).await?;
        let mut redis = self.redis.clone();
        let _: () = redis.publish(format!("room:{room}"), text).await?; //~ SA001
        tx.commit().await?;
        Ok(())
    }
}
