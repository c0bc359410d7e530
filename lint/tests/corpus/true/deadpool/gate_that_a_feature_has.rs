// A block that a feature adds waits for a gate while the transaction is open.
use deadpool_postgres::Pool;
use std::sync::atomic::{AtomicBool, Ordering};

static GATE: AtomicBool = AtomicBool::new(true);

pub async fn publish(pool: &Pool, id: i64) -> anyhow::Result<()> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    tx.execute("UPDATE articles SET live = true WHERE id = $1", &[&id]).await?;
    #[cfg(feature = "gate")]
    {
        while !GATE.load(Ordering::SeqCst) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await; //~ SA003
        }
    }
    tx.commit().await?;
    Ok(())
}
