// A list is written in batches that a stream makes of it; all items are there already.
use futures::stream::{self, StreamExt};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, TransactionTrait};

use crate::entity::change;

pub async fn store(db: &DatabaseConnection, rows: Vec<change::ActiveModel>) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    let mut batches = stream::iter(rows).chunks(100);
    while let Some(batch) = batches.next().await {
        change::Entity::insert_many(batch).exec(&txn).await?;
    }
    txn.commit().await
}
