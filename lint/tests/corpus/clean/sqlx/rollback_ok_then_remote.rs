// Rolling back with its error ignored ends the transaction as well.
use sqlx::PgPool;

pub async fn try_rename(
    pool: &PgPool,
    audit: &reqwest::Client,
    id: i64,
    name: &str,
) -> anyhow::Result<bool> {
    let mut tx = pool.begin().await?;
    let done = sqlx::query("UPDATE teams SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id)
        .execute(&mut *tx)
        .await;
    if let Err(error) = done {
        tx.rollback().await.ok();
        audit.post("http://audit").body(error.to_string()).send().await?;
        return Ok(false);
    }
    let _ = tx.commit().await;
    audit.post("http://audit").body("renamed").send().await?;
    Ok(true)
}
