// The storage processor ends with its block, before the node is asked.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub struct ConnectionPool(PgPool);

pub struct StorageProcessor {
    conn: PoolConnection<Postgres>,
}

impl ConnectionPool {
    pub async fn access_storage(&self) -> anyhow::Result<StorageProcessor> {
        Ok(StorageProcessor { conn: self.0.acquire().await? })
    }
}

impl StorageProcessor {
    pub fn blocks(&mut self) -> BlocksDal<'_> {
        BlocksDal { conn: &mut self.conn }
    }
}

pub struct BlocksDal<'s> {
    conn: &'s mut PoolConnection<Postgres>,
}

impl BlocksDal<'_> {
    pub async fn last_sealed(&mut self) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT max(number) FROM blocks WHERE sealed")
            .fetch_one(&mut **self.conn)
            .await
    }

    pub async fn mark_verified(&mut self, number: i64) -> sqlx::Result<()> {
        sqlx::query("UPDATE blocks SET verified = true WHERE number = $1")
            .bind(number)
            .execute(&mut **self.conn)
            .await?;
        Ok(())
    }
}

pub async fn check(db: &ConnectionPool, node: &reqwest::Client) -> anyhow::Result<()> {
    let number = {
        let mut storage = db.access_storage().await?;
        storage.blocks().last_sealed().await?
    };
    let known =
        node.get(format!("http://node/blocks/{number}")).send().await?.status().is_success();
    if known {
        db.access_storage().await?.blocks().mark_verified(number).await?;
    }
    Ok(())
}
