// sqlx's advisory lock owns the transaction for a while and gives it back.
use sqlx::{PgPool, postgres::PgAdvisoryLock};

pub async fn sync_config(pool: &PgPool, names: &[String], dry_run: bool) -> sqlx::Result<()> {
    let txn = pool.begin().await?;
    let lock = PgAdvisoryLock::new("config sync");
    let mut locked = lock.acquire(txn).await?;
    for name in names {
        sqlx::query("INSERT INTO clients (name) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(name)
            .execute(&mut **locked.as_mut())
            .await?;
    }
    let txn = locked.release_now().await?;
    if dry_run { txn.rollback().await } else { txn.commit().await }
}
