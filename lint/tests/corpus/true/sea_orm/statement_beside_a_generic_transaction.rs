// A function begins a transaction on what it is given, a pool, and reads by the pool while it is open.
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel,
    Set, TransactionTrait,
};

use crate::entity::report;

async fn rename<C>(conn: &C, id: i32, name: &str) -> Result<(), DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let txn = conn.begin().await?;
    let Some(found) = report::Entity::find_by_id(id).one(conn).await? else { //~ SA002
        return Ok(());
    };
    let mut row = found.into_active_model();
    row.name = Set(name.to_owned());
    row.update(&txn).await?;
    txn.commit().await
}

pub async fn rename_all(db: &DatabaseConnection, ids: &[i32], name: &str) -> Result<(), DbErr> {
    for id in ids {
        rename(db, *id, name).await?;
    }
    Ok(())
}
