// The lock is waited for before the connection is taken.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use std::collections::BTreeMap;
use tokio::sync::Mutex;
use tokio_postgres::NoTls;

pub struct Votes {
    pool: Pool<PostgresConnectionManager<NoTls>>,
    live: Mutex<BTreeMap<i64, u64>>,
}

impl Votes {
    pub async fn flush(&self) -> anyhow::Result<usize> {
        let live = std::mem::take(&mut *self.live.lock().await);
        let db = self.pool.get().await?;
        for (option, count) in &live {
            let count = *count as i64;
            db.execute("UPDATE options SET votes = votes + $1 WHERE id = $2", &[&count, option])
                .await?;
        }
        Ok(live.len())
    }
}
