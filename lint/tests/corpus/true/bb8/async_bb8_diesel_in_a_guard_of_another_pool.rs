// A store lends connections in a wrapper around the guard of a pool that nobody here knows.
use async_bb8_diesel::{AsyncRunQueryDsl, Connection};
use diesel::PgConnection;

use crate::schema::disks::dsl;

pub type AsyncConnection = Connection<PgConnection>;

pub struct Lent {
    inner: qorb::claim::Handle<AsyncConnection>,
    since: std::time::Instant,
}

impl std::ops::Deref for Lent {
    type Target = AsyncConnection;

    fn deref(&self) -> &AsyncConnection {
        &self.inner
    }
}

pub struct Store {
    pool: qorb::pool::Pool<AsyncConnection>,
}

impl Store {
    async fn lend(&self) -> anyhow::Result<Lent> {
        Ok(Lent { inner: self.pool.claim().await?, since: std::time::Instant::now() })
    }

    pub async fn attach(&self, agent: &reqwest::Client, disk: i64) -> anyhow::Result<()> {
        let conn = self.lend().await?;
        let url: String = dsl::disks.find(disk).select(dsl::url).get_result_async(&*conn).await?;
        agent.put(url).send().await?; //~ SA001
        mark(&conn, disk).await
    }
}

async fn mark(conn: &AsyncConnection, disk: i64) -> anyhow::Result<()> {
    diesel::update(dsl::disks.find(disk)).set(dsl::attached.eq(true)).execute_async(conn).await?;
    Ok(())
}
