// A block that only tests compile waits for their gate; the function itself only runs statements.
use deadpool_postgres::Pool;
#[cfg(test)]
use std::sync::atomic::{AtomicBool, Ordering};

#[cfg(test)]
static GATE: AtomicBool = AtomicBool::new(true);

pub async fn publish(pool: &Pool, id: i64) -> anyhow::Result<()> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    tx.execute("UPDATE articles SET live = true WHERE id = $1", &[&id]).await?;
    #[cfg(test)]
    {
        while !GATE.load(Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    tx.commit().await?;
    Ok(())
}
