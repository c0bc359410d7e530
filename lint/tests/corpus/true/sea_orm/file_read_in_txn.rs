// A seed file is read, blocking, while the transaction is open.
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use std::path::Path;

pub async fn seed(db: &DatabaseConnection, dir: &Path) -> anyhow::Result<()> {
    let txn = db.begin().await?;
    txn.execute_unprepared("DELETE FROM countries").await?;
    let sql = std::fs::read_to_string(dir.join("countries.sql"))?; //~ SA004
    txn.execute_unprepared(&sql).await?;
    txn.commit().await?;
    Ok(())
}
