// A dedicated connection holds an advisory lock, and the allow comments say so.
use sqlx::PgPool;

pub async fn migrate_remote(pool: &PgPool, remote: &Remote) -> anyhow::Result<()> {
    let mut lock = pool.acquire().await?;
    sqlx::query("SELECT pg_advisory_lock(42)").execute(&mut *lock).await?;
    // shortlease: allow(SA001, reason = "the advisory lock must cover the remote migration")
    let result = remote.migrate().await;
    sqlx::query("SELECT pg_advisory_unlock(42)").execute(&mut *lock).await?;
    result
}

pub struct Remote(reqwest::Client);

impl Remote {
    pub async fn migrate(&self) -> anyhow::Result<()> {
        self.0.post("http://remote/migrate").send().await?.error_for_status()?;
        Ok(())
    }
}
