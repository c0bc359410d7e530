// An enum of transactions of two databases is held over a call.
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub enum AnyPool {
    Pg(PgPool),
    Lite(SqlitePool),
}

pub enum AnyTx {
    Pg(Transaction<'static, Postgres>),
    Lite(Transaction<'static, Sqlite>),
}

impl AnyPool {
    pub async fn begin(&self) -> sqlx::Result<AnyTx> {
        Ok(match self {
            AnyPool::Pg(pool) => AnyTx::Pg(pool.begin().await?),
            AnyPool::Lite(pool) => AnyTx::Lite(pool.begin().await?),
        })
    }
}

impl AnyTx {
    pub async fn run(&mut self, sql: &'static str) -> sqlx::Result<u64> {
        Ok(match self {
            AnyTx::Pg(tx) => sqlx::query(sql).execute(&mut **tx).await?.rows_affected(),
            AnyTx::Lite(tx) => sqlx::query(sql).execute(&mut **tx).await?.rows_affected(),
        })
    }

    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            AnyTx::Pg(tx) => tx.commit().await,
            AnyTx::Lite(tx) => tx.commit().await,
        }
    }
}

pub async fn rollover(pool: &AnyPool, archive: &ArchiveApi) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let moved = tx.run("INSERT INTO old SELECT * FROM log").await?;
    archive.announce(moved).await?; //~ SA001
    tx.run("DELETE FROM log").await?;
    tx.commit().await?;
    Ok(())
}

pub struct ArchiveApi(reqwest::Client);

impl ArchiveApi {
    pub async fn announce(&self, moved: u64) -> anyhow::Result<()> {
        self.0.post("http://archive").body(moved.to_string()).send().await?;
        Ok(())
    }
}
