// A transaction manager returns what it began, and commits what it is given.
use async_trait::async_trait;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

#[async_trait]
pub trait TransactionManager: Send + Sync {
    type Transaction: Send;

    async fn begin(&self) -> Result<Self::Transaction, DbErr>;
    async fn commit(&self, transaction: Self::Transaction) -> Result<(), DbErr>;
}

pub struct SeaOrmManager {
    db: DatabaseConnection,
}

#[async_trait]
impl TransactionManager for SeaOrmManager {
    type Transaction = DatabaseTransaction;

    async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.db.begin().await
    }

    async fn commit(&self, transaction: DatabaseTransaction) -> Result<(), DbErr> {
        transaction.commit().await
    }
}
