// A service keeps statistics behind an async lock that it waits for with its connection.
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
    pub async fn cast(&self, option: i64) -> anyhow::Result<u64> {
        let db = self.pool.get().await?;
        db.execute("INSERT INTO votes (option) VALUES ($1)", &[&option]).await?;
        let count = {
            let mut live = self.live.lock().await; //~ SA003
            let count = live.entry(option).or_insert(0);
            *count += 1;
            *count
        };
        Ok(count)
    }
}
