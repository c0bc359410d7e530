// Generic helpers run statements on whichever connection they are given.
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, ModelTrait, Set,
    TransactionTrait,
};

use crate::entity::{audit, prelude::*};

async fn record<C: ConnectionTrait>(db: &C, action: &str) -> Result<(), DbErr> {
    audit::ActiveModel { action: Set(action.to_owned()), ..Default::default() }.insert(db).await?;
    Ok(())
}

pub async fn remove_note(db: &DatabaseConnection, id: i32) -> Result<bool, DbErr> {
    let txn = db.begin().await?;
    let Some(note) = Note::find_by_id(id).one(&txn).await? else {
        txn.rollback().await?;
        return Ok(false);
    };
    note.delete(&txn).await?;
    record(&txn, "note removed").await?;
    txn.commit().await?;
    Ok(true)
}
