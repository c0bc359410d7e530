// The fake tells nothing of what the real implementation waits for, which is in another crate.
use sea_orm::{ActiveModelTrait, DatabaseConnection, TransactionTrait};

#[async_trait::async_trait]
pub trait Broker {
    async fn announce(&self, topic: &str) -> Result<(), Failure>;
}

pub struct FakeBroker {
    seen: tokio::sync::Mutex<Vec<String>>,
}

#[async_trait::async_trait]
impl Broker for FakeBroker {
    async fn announce(&self, topic: &str) -> Result<(), Failure> {
        self.seen.lock().await.push(topic.to_owned());
        Ok(())
    }
}

pub async fn open_shop(
    db: &DatabaseConnection,
    broker: &dyn Broker,
    shop: shop::ActiveModel,
) -> Result<(), Failure> {
    let txn = db.begin().await?;
    shop.insert(&txn).await?;
    broker.announce("shops").await?; //~ SA001
    txn.commit().await?;
    Ok(())
}
