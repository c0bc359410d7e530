// The lock is taken first and the transaction lives inside it, with statements alone.
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use tokio::sync::Mutex;

pub struct Numbering {
    gate: Mutex<()>,
    db: DatabaseConnection,
}

impl Numbering {
    pub async fn renumber(&self) -> Result<(), DbErr> {
        let _gate = self.gate.lock().await;
        let txn = self.db.begin().await?;
        txn.execute_unprepared("UPDATE items SET n = NULL").await?;
        txn.execute_unprepared(
            "UPDATE items SET n = row_number FROM numbered WHERE numbered.id = items.id",
        )
        .await?;
        txn.commit().await
    }
}
