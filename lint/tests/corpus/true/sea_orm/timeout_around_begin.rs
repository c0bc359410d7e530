// A timeout surrounds the begin of a sea-orm transaction.
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use std::time::Duration;
use tokio::time::timeout;

pub async fn heartbeat(db: &DatabaseConnection, node: i32) -> anyhow::Result<()> {
    let txn = timeout(Duration::from_secs(2), db.begin()).await??; //~ SA008
    txn.execute_unprepared(&format!("UPDATE nodes SET seen = now() WHERE id = {node}")).await?;
    txn.commit().await?;
    Ok(())
}
