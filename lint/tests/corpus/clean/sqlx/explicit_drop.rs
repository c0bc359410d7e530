// drop() gives the connection back before the mail is sent.
use sqlx::SqlitePool;

pub struct Reminders {
    pool: SqlitePool,
    mail: Box<dyn Mail>,
}

#[async_trait::async_trait]
pub trait Mail: Send + Sync {
    async fn send(&self, to: &str, body: &str) -> anyhow::Result<()>;
}

impl Reminders {
    pub async fn send_due(&self) -> anyhow::Result<usize> {
        let mut conn = self.pool.acquire().await?;
        let due: Vec<(String, String)> =
            sqlx::query_as("SELECT email, text FROM reminders WHERE due < strftime('%s', 'now')")
                .fetch_all(&mut *conn)
                .await?;
        drop(conn);
        for (email, text) in &due {
            self.mail.send(email, text).await?;
        }
        Ok(due.len())
    }
}
