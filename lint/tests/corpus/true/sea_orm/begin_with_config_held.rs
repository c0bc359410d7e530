// A serializable transaction is begun with a configuration and held over a rate request.
use sea_orm::{AccessMode, ConnectionTrait, DatabaseConnection, IsolationLevel, TransactionTrait};

pub async fn revalue(db: &DatabaseConnection, rates: &Rates) -> anyhow::Result<()> {
    let txn = db
        .begin_with_config(Some(IsolationLevel::Serializable), Some(AccessMode::ReadWrite))
        .await?;
    let rate = rates.today().await?; //~ SA001
    txn.execute_unprepared(&format!("UPDATE assets SET value = amount * {rate}")).await?;
    txn.commit().await?;
    Ok(())
}

pub struct Rates(reqwest::Client);

impl Rates {
    pub async fn today(&self) -> anyhow::Result<f64> {
        Ok(self.0.get("http://rates/today").send().await?.json().await?)
    }
}
