// A write lock on a config cache is waited for while the connection is still out.
use sqlx::PgPool;
use tokio::sync::RwLock;

pub struct ConfigCache {
    entries: RwLock<Vec<(String, String)>>,
}

impl ConfigCache {
    pub async fn reload(&self, pool: &PgPool) -> Result<usize, sqlx::Error> {
        let mut conn = pool.acquire().await?;
        let fresh: Vec<(String, String)> =
            sqlx::query_as("SELECT name, value FROM config").fetch_all(conn.as_mut()).await?;
        let count = fresh.len();
        *self.entries.write().await = fresh; //~ SA003
        Ok(count)
    }
}
