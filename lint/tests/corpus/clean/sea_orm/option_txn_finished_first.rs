// The optional transaction is finished before the speech service is asked.
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

pub async fn save(
    db: &DatabaseConnection,
    speech: &Speech,
    in_transaction: bool,
    call: i64,
) -> anyhow::Result<()> {
    let txn: Option<DatabaseTransaction> =
        if in_transaction { Some(db.begin().await?) } else { None };
    let sql = format!("UPDATE calls SET state = 'saved' WHERE id = {call}");
    match txn {
        Some(txn) => {
            txn.execute_unprepared(&sql).await?;
            txn.commit().await?;
        }
        None => {
            db.execute_unprepared(&sql).await?;
        }
    }
    speech.forget(call).await?;
    Ok(())
}

pub struct Speech(reqwest::Client);

impl Speech {
    pub async fn forget(&self, call: i64) -> reqwest::Result<()> {
        self.0.delete(format!("http://speech/{call}")).send().await?;
        Ok(())
    }
}
