// A helper gives the transaction and the row, and the caller waits for an approval service.
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, QuerySelect,
    TransactionTrait,
};

use crate::entity::{expense, prelude::Expense};

async fn lock_expense(
    db: &DatabaseConnection,
    id: i32,
) -> Result<(DatabaseTransaction, expense::Model), DbErr> {
    let txn = db.begin().await?;
    let row = Expense::find_by_id(id)
        .lock_exclusive()
        .one(&txn)
        .await?
        .ok_or_else(|| DbErr::RecordNotFound(format!("expense {id}")))?;
    Ok((txn, row))
}

pub async fn approve(
    db: &DatabaseConnection,
    approvals: &Approvals,
    id: i32,
) -> anyhow::Result<()> {
    let (txn, expense) = lock_expense(db, id).await?;
    let approved = approvals.ask(expense.manager, expense.cents).await?; //~ SA001
    txn.execute_unprepared(&format!("UPDATE expense SET approved = {approved} WHERE id = {id}"))
        .await?;
    txn.commit().await?;
    Ok(())
}

pub struct Approvals(reqwest::Client);

impl Approvals {
    pub async fn ask(&self, manager: i32, cents: i64) -> anyhow::Result<bool> {
        Ok(self.0.post("http://approvals").json(&(manager, cents)).send().await?.json().await?)
    }
}
