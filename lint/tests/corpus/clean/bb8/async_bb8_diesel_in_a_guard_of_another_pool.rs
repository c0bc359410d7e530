// A store lends connections in a wrapper around another pool's guard, and a shared client in an `Arc`.
use async_bb8_diesel::{AsyncRunQueryDsl, Connection};
use diesel::PgConnection;
use std::sync::Arc;

use crate::schema::disks::dsl;

pub type AsyncConnection = Connection<PgConnection>;

pub struct Lent {
    inner: qorb::claim::Handle<AsyncConnection>,
}

impl std::ops::Deref for Lent {
    type Target = AsyncConnection;

    fn deref(&self) -> &AsyncConnection {
        &self.inner
    }
}

pub struct Shared {
    client: Arc<tokio_postgres::Client>,
}

impl std::ops::Deref for Shared {
    type Target = tokio_postgres::Client;

    fn deref(&self) -> &tokio_postgres::Client {
        &self.client
    }
}

pub struct Store {
    pool: qorb::pool::Pool<AsyncConnection>,
    shared: Shared,
}

impl Store {
    async fn lend(&self) -> anyhow::Result<Lent> {
        Ok(Lent { inner: self.pool.claim().await? })
    }

    pub async fn attach(&self, agent: &reqwest::Client, disk: i64) -> anyhow::Result<()> {
        let shared = &self.shared;
        let conn = self.lend().await?;
        let url: String = dsl::disks.find(disk).select(dsl::url).get_result_async(&*conn).await?;
        drop(conn);
        agent.put(url).send().await?;
        shared.execute("INSERT INTO attached (disk) VALUES ($1)", &[&disk]).await?;
        Ok(())
    }
}
