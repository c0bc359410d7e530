// The file is read before the connection is taken and written after it is gone.
use sqlx::SqlitePool;
use std::fs;

pub async fn apply(pool: &SqlitePool, path: &str) -> anyhow::Result<()> {
    let script = fs::read_to_string(path)?;
    let mut tx = pool.begin().await?;
    for statement in script.split(";\n") {
        sqlx::query(statement).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    fs::rename(path, format!("{path}.done"))?;
    Ok(())
}
