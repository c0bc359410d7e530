// A transaction is left open when there is nothing left to do.
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, Set,
    TransactionTrait,
};

use crate::entity::{prelude::*, reminder};

pub async fn mark_due(db: &DatabaseConnection) -> Result<usize, DbErr> {
    let txn = db.begin().await?; //~ SA005
    Reminder::delete_many().filter(reminder::Column::Sent.eq(true)).exec(&txn).await?;
    let due = Reminder::find().filter(reminder::Column::Due.eq(true)).all(&txn).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let count = due.len();
    for one in due {
        let mut one: reminder::ActiveModel = one.into();
        one.sent = Set(true);
        one.update(&txn).await?;
    }
    txn.commit().await?;
    Ok(count)
}
