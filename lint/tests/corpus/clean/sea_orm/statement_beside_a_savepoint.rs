// A function begins a savepoint on the transaction that it is given, and reads by that transaction too.
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel,
    Set, TransactionTrait,
};

use crate::entity::report;

async fn rename<C>(conn: &C, id: i32, name: &str) -> Result<(), DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let savepoint = conn.begin().await?;
    let Some(found) = report::Entity::find_by_id(id).one(conn).await? else {
        return Ok(());
    };
    let mut row = found.into_active_model();
    row.name = Set(name.to_owned());
    row.update(&savepoint).await?;
    savepoint.commit().await
}

pub async fn rename_all(db: &DatabaseConnection, ids: &[i32], name: &str) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    for id in ids {
        rename(&txn, *id, name).await?;
    }
    txn.commit().await
}
