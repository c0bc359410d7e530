// The message is sent after each small transaction is over.
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use tokio::sync::mpsc::Sender;

pub async fn split(db: &DatabaseConnection, batches: Sender<u64>) -> anyhow::Result<()> {
    for batch in 0..16 {
        let moved = {
            let txn = db.begin().await?;
            let result = txn.execute_unprepared(&format!("CALL move_batch({batch})")).await?;
            txn.commit().await?;
            result.rows_affected()
        };
        batches.send(moved).await?;
    }
    Ok(())
}
