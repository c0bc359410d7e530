// The joined futures are ready at once.
use sqlx::PgPool;

pub async fn rename(pool: &PgPool, id: i64, name: &str) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE tools SET name = $1 WHERE id = $2").bind(name).bind(id).execute(&mut *tx).await?;
    let (shown, length) = tokio::join!(shown(name), std::future::ready(name.len()));
    tracing::info!(shown, length, "renamed");
    tx.commit().await?;
    Ok(())
}

async fn shown(name: &str) -> String {
    name.to_uppercase()
}
