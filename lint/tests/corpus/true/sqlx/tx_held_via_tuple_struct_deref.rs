// A newtype with Deref around the transaction is held while a barrier is waited for.
use sqlx::{PgPool, Postgres, Transaction};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use tokio::sync::Barrier;

pub struct AppTx(Transaction<'static, Postgres>);

impl Deref for AppTx {
    type Target = Transaction<'static, Postgres>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for AppTx {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.0
    }
}

pub async fn app_tx(pool: &PgPool) -> sqlx::Result<AppTx> {
    pool.begin().await.map(AppTx)
}

pub async fn load_test(pool: PgPool, barrier: Arc<Barrier>) -> anyhow::Result<()> {
    let mut tx = app_tx(&pool).await?;
    barrier.wait().await; //~ SA003
    sqlx::query("UPDATE hot SET n = n + 1").execute(&mut **tx).await?;
    tx.0.commit().await?;
    Ok(())
}
