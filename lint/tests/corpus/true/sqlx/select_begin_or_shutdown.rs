// A select! races begin() against the shutdown signal.
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

pub async fn drain(pool: &PgPool, shutdown: CancellationToken) -> anyhow::Result<()> {
    let mut tx = tokio::select! { //~ SA008
        _ = shutdown.cancelled() => return Ok(()),
        tx = pool.begin() => tx?,
    };
    sqlx::query("DELETE FROM queue WHERE done").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
