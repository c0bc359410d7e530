// A domain event is sent through a bounded channel before the commit.
use sea_orm::{ActiveModelTrait, DatabaseConnection, Set, TransactionTrait};
use tokio::sync::mpsc::Sender;

use crate::entity::account;

#[derive(Debug)]
pub enum DomainEvent {
    AccountOpened(i32),
}

pub struct Accounts {
    pub db: DatabaseConnection,
    pub events: Sender<DomainEvent>,
}

impl Accounts {
    pub async fn open(&self, owner: &str) -> anyhow::Result<i32> {
        let txn = self.db.begin().await?;
        let account = account::ActiveModel { owner: Set(owner.to_owned()), ..Default::default() }
            .insert(&txn)
            .await?;
        self.events.send(DomainEvent::AccountOpened(account.id)).await?; //~ SA003
        txn.commit().await?;
        Ok(account.id)
    }
}
