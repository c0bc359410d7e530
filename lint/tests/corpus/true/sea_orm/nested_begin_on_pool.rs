// A helper begins a transaction on the pool while the caller's is open.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};

pub async fn close_month(db: &DatabaseConnection, month: &str) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    txn.execute_unprepared(&format!("UPDATE months SET closed = true WHERE name = '{month}'"))
        .await?;
    carry_over(db, month).await?; //~ SA002
    txn.commit().await
}

async fn carry_over(db: &DatabaseConnection, month: &str) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    txn.execute_unprepared(&format!(
        "INSERT INTO carry SELECT * FROM balances WHERE month = '{month}'"
    ))
    .await?;
    txn.commit().await
}
