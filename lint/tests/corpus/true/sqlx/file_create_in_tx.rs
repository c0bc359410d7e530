// A file is created with the blocking standard library inside the transaction.
use sqlx::PgPool;
use std::fs::File;
use std::io::Write;

pub async fn export(pool: &PgPool, path: &str) -> anyhow::Result<usize> {
    let mut tx = pool.begin().await?;
    let lines: Vec<String> =
        sqlx::query_scalar("DELETE FROM spool RETURNING line").fetch_all(&mut *tx).await?;
    let mut file = File::create(path)?; //~ SA004
    file.write_all(lines.join("\n").as_bytes())?;
    tx.commit().await?;
    Ok(lines.len())
}
