// One type has an adapter for PostgreSQL and one for a key-value store: here it is the second.
use std::marker::PhantomData;

use deadpool_postgres::{Client, Pool};

pub struct Postgres;
pub struct Memory;

pub struct Shelf<P, K> {
    pool: P,
    kind: PhantomData<K>,
}

pub trait Adapter {
    type Conn<'a>
    where
        Self: 'a;

    async fn conn(&self) -> anyhow::Result<Self::Conn<'_>>;
}

impl Adapter for Shelf<Pool, Postgres> {
    type Conn<'a> = Client;

    async fn conn(&self) -> anyhow::Result<Self::Conn<'_>> {
        Ok(self.pool.get().await?)
    }
}

impl Adapter for Shelf<kv::Session, Memory> {
    type Conn<'a> = &'a kv::Session;

    async fn conn(&self) -> anyhow::Result<Self::Conn<'_>> {
        Ok(&self.pool)
    }
}

impl<P, K> Shelf<P, K>
where
    Self: Adapter,
{
    pub async fn open(&self) -> anyhow::Result<<Self as Adapter>::Conn<'_>> {
        <Self as Adapter>::conn(self).await
    }
}

impl Shelf<kv::Session, Memory> {
    pub async fn lend(&self, http: &reqwest::Client, title: &str) -> anyhow::Result<()> {
        let session = self.open().await?;
        session.put(title, "lent").await?;
        http.post("http://readers").body(title.to_owned()).send().await?;
        Ok(())
    }
}
