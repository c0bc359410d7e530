// A processor's own start_transaction() and commit() wrap what the library gives.
use sqlx::{Connection as _, PgPool, Postgres, Transaction, pool::PoolConnection};

enum Inner<'a> {
    Pooled { conn: PoolConnection<Postgres>, tag: &'static str },
    Transaction { transaction: Transaction<'a, Postgres>, tag: &'static str },
}

pub struct Connection<'a> {
    inner: Inner<'a>,
}

impl Connection<'static> {
    pub async fn open(pool: &PgPool, tag: &'static str) -> anyhow::Result<Self> {
        Ok(Self { inner: Inner::Pooled { conn: pool.acquire().await?, tag } })
    }
}

impl Connection<'_> {
    pub async fn start_transaction(&mut self) -> anyhow::Result<Connection<'_>> {
        let (transaction, tag) = match &mut self.inner {
            Inner::Pooled { conn, tag } => (conn.begin().await?, *tag),
            Inner::Transaction { transaction, tag } => (transaction.begin().await?, *tag),
        };
        Ok(Connection { inner: Inner::Transaction { transaction, tag } })
    }

    pub async fn run(&mut self, sql: &str) -> anyhow::Result<u64> {
        let done = match &mut self.inner {
            Inner::Pooled { conn, .. } => sqlx::query(sql).execute(&mut **conn).await?,
            Inner::Transaction { transaction, .. } => {
                sqlx::query(sql).execute(&mut **transaction).await?
            }
        };
        Ok(done.rows_affected())
    }

    pub async fn commit(self) -> anyhow::Result<()> {
        match self.inner {
            Inner::Transaction { transaction: postgres, tag } => {
                postgres.commit().await.map_err(|error| anyhow::anyhow!("{tag}: {error}"))
            }
            Inner::Pooled { tag, .. } => anyhow::bail!("{tag}: not in a transaction"),
        }
    }
}

pub async fn prune(pool: &PgPool) -> anyhow::Result<u64> {
    let mut storage = Connection::open(pool, "pruner").await?;
    let mut transaction = storage.start_transaction().await?;
    let logs = transaction.run("DELETE FROM logs WHERE batch < 100").await?;
    let events = transaction.run("DELETE FROM events WHERE batch < 100").await?;
    transaction.commit().await?;
    Ok(logs + events)
}
