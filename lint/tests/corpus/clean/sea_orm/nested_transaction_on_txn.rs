// A nested transaction is begun on the transaction, not on the pool.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};

pub async fn close_month(db: &DatabaseConnection, month: &str) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    txn.execute_unprepared(&format!("UPDATE months SET closed = true WHERE name = '{month}'"))
        .await?;
    let inner = txn.begin().await?;
    if inner.execute_unprepared("INSERT INTO carry SELECT * FROM balances").await.is_ok() {
        inner.commit().await?;
    } else {
        inner.rollback().await?;
    }
    txn.commit().await
}
