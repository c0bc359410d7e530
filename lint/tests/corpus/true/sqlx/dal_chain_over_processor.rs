// A storage processor gives data access objects, and a node is asked while it lives.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub struct ConnectionPool(PgPool);

pub struct StorageProcessor<'a> {
    conn: ConnectionHolder<'a>,
}

enum ConnectionHolder<'a> {
    Pooled(PoolConnection<Postgres>),
    Direct(&'a mut sqlx::PgConnection),
}

impl ConnectionPool {
    pub async fn access_storage(&self) -> anyhow::Result<StorageProcessor<'static>> {
        Ok(StorageProcessor { conn: ConnectionHolder::Pooled(self.0.acquire().await?) })
    }
}

impl<'a> StorageProcessor<'a> {
    pub fn blocks_dal(&mut self) -> BlocksDal<'_, 'a> {
        BlocksDal { storage: self }
    }

    fn conn(&mut self) -> &mut sqlx::PgConnection {
        match &mut self.conn {
            ConnectionHolder::Pooled(conn) => conn,
            ConnectionHolder::Direct(conn) => conn,
        }
    }
}

pub struct BlocksDal<'s, 'a> {
    storage: &'s mut StorageProcessor<'a>,
}

impl BlocksDal<'_, '_> {
    pub async fn last_sealed(&mut self) -> anyhow::Result<i64> {
        let number = sqlx::query_scalar("SELECT max(number) FROM blocks WHERE sealed")
            .fetch_one(self.storage.conn())
            .await?;
        Ok(number)
    }

    pub async fn mark_verified(&mut self, number: i64) -> anyhow::Result<()> {
        sqlx::query("UPDATE blocks SET verified = true WHERE number = $1")
            .bind(number)
            .execute(self.storage.conn())
            .await?;
        Ok(())
    }
}

pub struct ConsistencyChecker {
    db: ConnectionPool,
    node: NodeRpc,
}

impl ConsistencyChecker {
    pub async fn check(&self) -> anyhow::Result<()> {
        let mut storage = self.db.access_storage().await?;
        let number = storage.blocks_dal().last_sealed().await?;
        let hash = self.node.block_hash(number).await?; //~ SA001
        anyhow::ensure!(!hash.is_empty(), "block {number} is unknown to the node");
        storage.blocks_dal().mark_verified(number).await?;
        Ok(())
    }
}

pub struct NodeRpc(reqwest::Client);

impl NodeRpc {
    pub async fn block_hash(&self, number: i64) -> anyhow::Result<String> {
        Ok(self.0.get(format!("http://node/blocks/{number}")).send().await?.text().await?)
    }
}
