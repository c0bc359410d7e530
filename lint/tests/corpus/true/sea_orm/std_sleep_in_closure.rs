// A thread sleep stands in a transaction closure.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use std::time::Duration;

pub async fn throttle_delete(db: &DatabaseConnection) -> anyhow::Result<()> {
    db.transaction::<_, _, DbErr>(|txn| {
        Box::pin(async move {
            for _ in 0..10 {
                txn.execute_unprepared(
                    "DELETE FROM old_rows WHERE id IN (SELECT id FROM old_rows LIMIT 1000)",
                )
                .await?;
                std::thread::sleep(Duration::from_millis(100)); //~ SA004
            }
            Ok(())
        })
    })
    .await?;
    Ok(())
}
