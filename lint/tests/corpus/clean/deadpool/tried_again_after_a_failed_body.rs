// An attempt that failed is rolled back by drop, and the loop tries again.
use deadpool_postgres::Pool;

pub async fn store(pool: &Pool, id: i64) -> Result<(), Failure> {
    for attempt in 0..5 {
        let mut client = pool.get().await?;
        let tx = client.transaction().await?;
        let stored = tx.execute("INSERT INTO keys (id) VALUES ($1)", &[&id]).await;
        match stored {
            Ok(_) => match tx.commit().await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    tracing::warn!(attempt, %error, "not committed");
                    continue;
                }
            },
            Err(error) => {
                tracing::warn!(attempt, %error, "not stored");
                continue;
            }
        }
    }
    Err(Failure::Contention)
}
