// Another function gives the connection of one of several stores; only the arm without one waits for the bucket.
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};

pub enum Conn {
    Pg(PoolConnection<Postgres>),
    Memory,
}

pub enum Store {
    Pg(PgPool),
    Memory,
}

impl Store {
    pub async fn conn(&self) -> sqlx::Result<Conn> {
        Ok(match self {
            Store::Pg(pool) => Conn::Pg(pool.acquire().await?),
            Store::Memory => Conn::Memory,
        })
    }
}

pub async fn put(store: &Store, bucket: &reqwest::Client) -> anyhow::Result<()> {
    match store.conn().await? {
        Conn::Pg(mut conn) => {
            sqlx::query("INSERT INTO files DEFAULT VALUES").execute(&mut *conn).await?;
        }
        Conn::Memory => {
            bucket.put("http://bucket").send().await?;
        }
    }
    Ok(())
}
