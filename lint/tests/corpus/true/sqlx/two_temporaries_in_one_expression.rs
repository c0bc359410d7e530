// Both operands of a sum take a connection, and the first lives to the end of the expression.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub struct Counter {
    conn: PoolConnection<Postgres>,
}

impl Counter {
    pub async fn count(&mut self, table: &str) -> sqlx::Result<i64> {
        sqlx::query_scalar(&format!("SELECT count(*) FROM {table}"))
            .fetch_one(&mut *self.conn)
            .await
    }
}

pub struct Stats {
    pool: PgPool,
}

impl Stats {
    async fn counter(&self) -> sqlx::Result<Counter> {
        Ok(Counter { conn: self.pool.acquire().await? })
    }

    pub async fn inflight(&self) -> sqlx::Result<i64> {
        let total = self.counter().await?.count("blob_txs").await?
            + self.counter().await?.count("plain_txs").await?; //~ SA002
        Ok(total)
    }
}
