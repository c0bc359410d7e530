// A transaction with an advisory lock sleeps until the hour is full.
use std::time::Duration;
use tokio_postgres::Client;

pub async fn hourly(client: &mut Client, until_full_hour: Duration) -> anyhow::Result<bool> {
    let tx = client.transaction().await?;
    let locked: bool = tx.query_one("SELECT pg_try_advisory_xact_lock(7)", &[]).await?.get(0);
    if locked {
        tokio::time::sleep(until_full_hour).await; //~ SA003
        tx.batch_execute("CALL roll_up()").await?;
    }
    tx.commit().await?;
    Ok(locked)
}
