// A context with an optional transaction is used to update rows around a call to a speech service.
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

pub struct DbContext {
    db: DatabaseConnection,
    txn: Option<DatabaseTransaction>,
}

impl DbContext {
    pub async fn start(&mut self) -> Result<(), DbErr> {
        self.txn = Some(self.db.begin().await?);
        Ok(())
    }

    pub async fn finish(&mut self) -> Result<(), DbErr> {
        if let Some(txn) = self.txn.take() {
            txn.commit().await?;
        }
        Ok(())
    }
}

pub async fn transcribe(context: &mut DbContext, speech: &Speech, call: i64) -> anyhow::Result<()> {
    let txn = context.db.begin().await?;
    context.txn = Some(txn);
    let text = speech.transcribe(call).await?; //~ SA001
    if let Some(txn) = &context.txn {
        txn.execute_unprepared(&format!("UPDATE calls SET text = '{text}' WHERE id = {call}"))
            .await?;
    }
    context.finish().await?;
    Ok(())
}

pub struct Speech(reqwest::Client);

impl Speech {
    pub async fn transcribe(&self, call: i64) -> anyhow::Result<String> {
        Ok(self.0.post(format!("http://speech/{call}")).send().await?.text().await?)
    }
}
