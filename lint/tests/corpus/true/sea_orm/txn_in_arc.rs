// The transaction is shared in an Arc, and the event is sent to a remote while it is open.
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use std::sync::Arc;

pub struct Stock {
    txn: Arc<DatabaseTransaction>,
}

impl Stock {
    pub async fn remove(&self, sku: &str) -> Result<(), DbErr> {
        self.txn
            .execute_unprepared(&format!("UPDATE stock SET n = n - 1 WHERE sku = '{sku}'"))
            .await?;
        Ok(())
    }
}

pub async fn sell(db: &DatabaseConnection, till: &TillApi, sku: &str) -> anyhow::Result<()> {
    let txn = Arc::new(db.begin().await?);
    let stock = Stock { txn: txn.clone() };
    stock.remove(sku).await?;
    till.ring_up(sku).await?; //~ SA001
    drop(stock);
    Arc::into_inner(txn).expect("the only owner").commit().await?;
    Ok(())
}

pub struct TillApi(reqwest::Client);

impl TillApi {
    pub async fn ring_up(&self, sku: &str) -> anyhow::Result<()> {
        self.0.post("http://till").body(sku.to_owned()).send().await?;
        Ok(())
    }
}
