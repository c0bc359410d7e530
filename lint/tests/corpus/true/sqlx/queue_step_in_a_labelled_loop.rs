// A worker goes on with the next job if the call fails; each call is made with the job's row locked.
use sqlx::PgPool;

use crate::rpc::Rpc;

pub async fn work(pool: PgPool, rpc: Rpc) -> sqlx::Result<()> {
    'jobs: loop {
        let mut tx = pool.begin().await?;
        let claim = "SELECT id FROM jobs WHERE done IS NULL FOR UPDATE SKIP LOCKED LIMIT 1";
        let Some(id) = sqlx::query_scalar::<_, i64>(claim).fetch_optional(&mut *tx).await? else {
            break 'jobs;
        };
        match rpc.perform(id).await { //~ SA001
            Ok(()) => {}
            Err(error) => {
                tracing::warn!(%error, "job failed");
                tx.rollback().await?;
                continue 'jobs;
            }
        }
        sqlx::query("UPDATE jobs SET done = now() WHERE id = $1").bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
