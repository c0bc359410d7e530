// A lock on the map of pools is awaited while no connection is held.
use sqlx::PgPool;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::RwLock;

#[derive(Clone, Default)]
pub struct Shards {
    pools: Arc<RwLock<HashMap<u16, PgPool>>>,
}

impl Shards {
    pub async fn pool(&self, shard: u16, dsn: &str) -> sqlx::Result<PgPool> {
        if let Some(pool) = self.pools.read().await.get(&shard) {
            return Ok(pool.clone());
        }
        let fresh = PgPool::connect(dsn).await?;
        let mut pools = self.pools.write().await;
        Ok(pools.entry(shard).or_insert(fresh).clone())
    }

    pub async fn count(&self, shard: u16, dsn: &str) -> sqlx::Result<i64> {
        let pool = self.pool(shard, dsn).await?;
        sqlx::query_scalar("SELECT count(*) FROM docs").fetch_one(&pool).await
    }
}
