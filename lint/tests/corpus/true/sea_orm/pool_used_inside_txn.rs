// The pool is used for a lookup while a transaction of it is open.
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel, Set,
    TransactionTrait,
};

use crate::entity::prelude::*;

pub async fn assign(db: &DatabaseConnection, ticket: i32, agent: i32) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    let found = Ticket::find_by_id(ticket)
        .one(&txn)
        .await?
        .ok_or(DbErr::RecordNotFound("ticket".into()))?;
    let agent =
        Agent::find_by_id(agent).one(db).await?.ok_or(DbErr::RecordNotFound("agent".into()))?; //~ SA002
    let mut ticket = found.into_active_model();
    ticket.agent = Set(Some(agent.id));
    ticket.update(&txn).await?;
    txn.commit().await
}
