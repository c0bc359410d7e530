// A loop tries for an advisory lock and sleeps with the connection that it was given back.
use sqlx::{Either, PgPool, postgres::PgAdvisoryLock};
use std::time::Duration;

pub async fn migrate(pool: &PgPool) -> anyhow::Result<()> {
    let lock = PgAdvisoryLock::new("migrations");
    let mut conn = pool.acquire().await?;
    let mut locked = loop {
        match lock.try_acquire(conn).await? {
            Either::Left(guard) => break guard,
            Either::Right(back) => {
                tokio::time::sleep(Duration::from_millis(250)).await; //~ SA003
                conn = back;
            }
        }
    };
    sqlx::query("CREATE TABLE IF NOT EXISTS applied (version int8)")
        .execute(&mut **locked.as_mut())
        .await?;
    locked.release_now().await?;
    Ok(())
}
