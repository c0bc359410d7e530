// The transaction is committed before the shipping company is called.
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel, Set, TransactionTrait,
};

use crate::entity::prelude::Order;

pub async fn dispatch(db: &DatabaseConnection, shipper: &Shipper, id: i64) -> anyhow::Result<()> {
    let txn = db.begin().await?;
    let order =
        Order::find_by_id(id).one(&txn).await?.ok_or_else(|| anyhow::anyhow!("no order {id}"))?;
    let address = order.address.clone();
    let mut active = order.into_active_model();
    active.state = Set("dispatching".to_owned());
    active.update(&txn).await?;
    txn.commit().await?;
    shipper.book(&address).await?;
    Ok(())
}

pub struct Shipper(reqwest::Client);

impl Shipper {
    pub async fn book(&self, address: &str) -> reqwest::Result<()> {
        self.0.post("http://shipper").body(address.to_owned()).send().await?;
        Ok(())
    }
}
