// Sends that do not wait are no awaits.
use sqlx::PgPool;
use std::sync::{Arc, Mutex};
use tokio::sync::{broadcast, mpsc::UnboundedSender};

pub struct Board {
    pool: PgPool,
    log: UnboundedSender<String>,
    live: broadcast::Sender<i64>,
    last: Arc<Mutex<i64>>,
}

impl Board {
    pub async fn pin(&self, note: &str) -> anyhow::Result<i64> {
        let mut tx = self.pool.begin().await?;
        let id: i64 = sqlx::query_scalar("INSERT INTO notes (text) VALUES ($1) RETURNING id")
            .bind(note)
            .fetch_one(&mut *tx)
            .await?;
        self.log.send(format!("pinned {id}"))?;
        *self.last.lock().expect("not poisoned") = id;
        sqlx::query("INSERT INTO pins (note) VALUES ($1)").bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        let _ = self.live.send(id);
        Ok(id)
    }
}
