// A service passes its transaction to each of its repositories and commits at the end.
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, DatabaseTransaction, DbErr, Set, TransactionTrait,
};

use crate::entity::{line, order};

pub struct Orders;
pub struct Lines;

impl Orders {
    pub async fn insert(&self, txn: &DatabaseTransaction, customer: i32) -> Result<i32, DbErr> {
        Ok(order::ActiveModel { customer: Set(customer), ..Default::default() }
            .insert(txn)
            .await?
            .id)
    }
}

impl Lines {
    pub async fn insert_all(
        &self,
        txn: &DatabaseTransaction,
        order: i32,
        skus: &[String],
    ) -> Result<(), DbErr> {
        for sku in skus {
            line::ActiveModel { order_id: Set(order), sku: Set(sku.clone()), ..Default::default() }
                .insert(txn)
                .await?;
        }
        Ok(())
    }
}

pub struct Shop {
    db: DatabaseConnection,
    orders: Orders,
    lines: Lines,
}

impl Shop {
    pub async fn place(&self, customer: i32, skus: &[String]) -> Result<i32, DbErr> {
        let txn = self.db.begin().await?;
        let id = self.orders.insert(&txn, customer).await?;
        self.lines.insert_all(&txn, id, skus).await?;
        txn.commit().await?;
        Ok(id)
    }
}
