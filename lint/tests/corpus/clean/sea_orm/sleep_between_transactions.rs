// Each attempt is a transaction of its own, and the pause holds none.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use std::time::Duration;

pub async fn delete_slowly(db: &DatabaseConnection) -> Result<(), DbErr> {
    loop {
        let txn = db.begin().await?;
        let gone = txn
            .execute_unprepared("DELETE FROM old WHERE id IN (SELECT id FROM old LIMIT 1000)")
            .await?
            .rows_affected();
        txn.commit().await?;
        if gone == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
