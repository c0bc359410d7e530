// The guard hides behind a type alias of the code base.
use sqlx::{Postgres, pool::PoolConnection};

pub type DbPool = sqlx::Pool<Postgres>;
pub type DbGuard = PoolConnection<Postgres>;

pub async fn checkout(pool: &DbPool) -> Result<DbGuard, sqlx::Error> {
    pool.acquire().await
}

pub async fn rotate_token(pool: &DbPool, vault: &VaultClient, account: i32) -> anyhow::Result<()> {
    let mut guard = checkout(pool).await?;
    let old: String = sqlx::query_scalar("SELECT token FROM accounts WHERE id = $1")
        .bind(account)
        .fetch_one(&mut *guard)
        .await?;
    let fresh = vault.rotate(&old).await?; //~ SA001
    sqlx::query("UPDATE accounts SET token = $1 WHERE id = $2")
        .bind(fresh)
        .bind(account)
        .execute(&mut *guard)
        .await?;
    Ok(())
}

#[async_trait::async_trait]
pub trait Vault {
    async fn rotate(&self, token: &str) -> anyhow::Result<String>;
}

pub struct VaultClient {
    inner: Box<dyn Vault + Send + Sync>,
}

impl VaultClient {
    pub async fn rotate(&self, token: &str) -> anyhow::Result<String> {
        self.inner.rotate(token).await
    }
}
