// The version is already current, and the transaction is dropped with success.
use tokio_postgres::Client;

pub async fn migrate(client: &mut Client, target: i32) -> Result<i32, tokio_postgres::Error> {
    let tx = client.transaction().await?; //~ SA005
    tx.batch_execute("CREATE TABLE IF NOT EXISTS version (n int4 NOT NULL)").await?;
    let current: i32 = tx.query_one("SELECT coalesce(max(n), 0) FROM version", &[]).await?.get(0);
    if current >= target {
        return Ok(current);
    }
    for step in current + 1..=target {
        tx.batch_execute(&format!("SELECT migrate_{step}()")).await?;
    }
    tx.execute("INSERT INTO version (n) VALUES ($1)", &[&target]).await?;
    tx.commit().await?;
    Ok(target)
}
