// The client is gone when the external program runs.
use deadpool_postgres::Pool;
use tokio::process::Command;

pub async fn backup(pool: &Pool, to: &str) -> anyhow::Result<bool> {
    let database: String =
        pool.get().await?.query_one("SELECT current_database()", &[]).await?.get(0);
    let output = Command::new("pg_dump").arg(&database).arg("-f").arg(to).output().await?;
    let client = pool.get().await?;
    client
        .execute("INSERT INTO backups (path, ok) VALUES ($1, $2)", &[&to, &output.status.success()])
        .await?;
    Ok(output.status.success())
}
