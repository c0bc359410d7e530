// A loop waits for each row of the transaction itself.
use futures_async_stream::for_await;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, Set, TransactionTrait};

use crate::entity::{archive, split};

pub async fn store(db: &DatabaseConnection) -> Result<u64, DbErr> {
    let txn = db.begin().await?;
    let mut copies = Vec::new();
    #[for_await]
    for found in split::Entity::find().stream(&txn).await? {
        copies.push(archive::ActiveModel { bound: Set(found?.bound), ..Default::default() });
    }
    let count = copies.len() as u64;
    archive::Entity::insert_many(copies).exec(&txn).await?;
    txn.commit().await?;
    Ok(count)
}
