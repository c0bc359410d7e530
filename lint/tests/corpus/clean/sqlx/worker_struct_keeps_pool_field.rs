// A worker keeps the pool in its struct and takes a connection for each message.
use sqlx::PgPool;
use tokio::sync::mpsc::Receiver;

pub struct Writer {
    conn: PgPool,
    inbox: Receiver<String>,
}

impl Writer {
    pub async fn run(mut self) {
        while let Some(line) = self.inbox.recv().await {
            if let Err(error) = self.write(&line).await {
                tracing::error!(%error, "line lost");
            }
        }
    }

    async fn write(&self, line: &str) -> sqlx::Result<()> {
        let mut tx = self.conn.begin().await?;
        sqlx::query("INSERT INTO lines (text) VALUES ($1)").bind(line).execute(&mut *tx).await?;
        sqlx::query("UPDATE totals SET lines = lines + 1").execute(&mut *tx).await?;
        tx.commit().await
    }
}
