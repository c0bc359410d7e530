// A transaction stays open while a loop waits for each split that another database's reader makes.
use futures_async_stream::for_await;
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, Set, TransactionTrait};

use crate::entity::split;
use crate::reader::Reader;

pub async fn store(db: &DatabaseConnection, reader: &Reader) -> Result<u64, DbErr> {
    let splits = reader.splits();
    let txn = db.begin().await?;
    let mut count = 0;
    #[for_await]
    for found in splits { //~ SA001
        let row = split::ActiveModel { bound: Set(found.bound), ..Default::default() };
        split::Entity::insert(row).exec(&txn).await?;
        count += 1;
    }
    txn.commit().await?;
    Ok(count)
}
