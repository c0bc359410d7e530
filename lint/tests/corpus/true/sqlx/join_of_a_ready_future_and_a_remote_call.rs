// The first of two joined futures is ready at once, the second waits for another service.
use sqlx::PgPool;

pub async fn rename(pool: &PgPool, id: i64, name: &str) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("UPDATE tools SET name = $1 WHERE id = $2").bind(name).bind(id).execute(&mut *tx).await?;
    let (shown, answer) = tokio::join!(shown(name), reqwest::get("http://names/taken")); //~ SA003
    tracing::info!(shown, status = %answer?.status(), "renamed");
    tx.commit().await?;
    Ok(())
}

async fn shown(name: &str) -> String {
    name.to_uppercase()
}
