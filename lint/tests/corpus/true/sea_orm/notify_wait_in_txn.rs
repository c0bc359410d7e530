// A transaction waits until another task says it may go on.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use std::sync::Arc;
use tokio::sync::Notify;

pub async fn switch_over(db: DatabaseConnection, drained: Arc<Notify>) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    txn.execute_unprepared("LOCK TABLE shards IN EXCLUSIVE MODE").await?;
    drained.notified().await; //~ SA003
    txn.execute_unprepared("UPDATE shards SET active = NOT active").await?;
    txn.commit().await
}
