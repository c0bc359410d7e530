// A worker keeps a pool connection in its struct and waits for its queue with it.
use sqlx::{PgPool, Postgres, pool::PoolConnection};
use tokio::sync::mpsc::Receiver;

pub struct Writer {
    conn: PoolConnection<Postgres>,
    inbox: Receiver<String>,
}

impl Writer {
    pub async fn spawn(pool: &PgPool, inbox: Receiver<String>) -> sqlx::Result<()> {
        let writer = Writer { conn: pool.acquire().await?, inbox };
        tokio::spawn(writer.run());
        Ok(())
    }

    async fn run(mut self) {
        while let Some(line) = self.inbox.recv().await { //~ SA003
            if let Err(error) = sqlx::query("INSERT INTO lines (text) VALUES ($1)")
                .bind(line)
                .execute(&mut *self.conn)
                .await
            {
                tracing::error!(%error, "line lost");
            }
        }
    }
}
