// A processor's own transaction is held over an RPC, and its processor with it.
use sqlx::{Connection as _, PgPool, Postgres, Transaction, pool::PoolConnection};

pub struct Storage {
    conn: PoolConnection<Postgres>,
}

pub struct StorageTx<'s> {
    inner: Transaction<'s, Postgres>,
}

impl Storage {
    pub async fn connect(pool: &PgPool) -> anyhow::Result<Self> {
        Ok(Self { conn: pool.acquire().await? })
    }

    pub async fn start_transaction(&mut self) -> anyhow::Result<StorageTx<'_>> {
        Ok(StorageTx { inner: self.conn.begin().await? })
    }
}

impl StorageTx<'_> {
    pub async fn set_root(&mut self, batch: i64, root: &str) -> anyhow::Result<()> {
        sqlx::query("UPDATE batches SET root = $1 WHERE id = $2")
            .bind(root)
            .bind(batch)
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    pub async fn commit(self) -> anyhow::Result<()> {
        self.inner.commit().await?;
        Ok(())
    }
}

pub async fn fill_roots(
    pool: &PgPool,
    tree: &TreeApi,
    batches: std::ops::Range<i64>,
) -> anyhow::Result<()> {
    let mut storage = Storage::connect(pool).await?;
    let mut transaction = storage.start_transaction().await?;
    for batch in batches {
        let root = tree.root(batch).await?; //~ SA001
        transaction.set_root(batch, &root).await?;
    }
    transaction.commit().await?;
    Ok(())
}

pub struct TreeApi(reqwest::Client);

impl TreeApi {
    pub async fn root(&self, batch: i64) -> anyhow::Result<String> {
        Ok(self.0.get(format!("http://tree/{batch}")).send().await?.text().await?)
    }
}
