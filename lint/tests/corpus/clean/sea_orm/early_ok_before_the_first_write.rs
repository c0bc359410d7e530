// Nothing was written on the path that leaves early.
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, Set, TransactionTrait};

use crate::entity::{prelude::Badge, badge};

pub async fn rename(db: &DatabaseConnection, id: i32, name: String) -> Result<bool, DbErr> {
    let txn = db.begin().await?;
    let Some(found) = Badge::find_by_id(id).one(&txn).await? else {
        return Ok(false);
    };
    let mut badge: badge::ActiveModel = found.into();
    badge.name = Set(name);
    badge.update(&txn).await?;
    txn.commit().await?;
    Ok(true)
}
