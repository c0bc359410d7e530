// A retry on a unique violation sleeps inside the transaction.
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, Set, SqlErr, TransactionTrait};
use std::time::Duration;
use tokio::time::sleep;

use crate::entity::slug;

pub async fn reserve_slug(db: &DatabaseConnection, base: &str) -> Result<String, DbErr> {
    let txn = db.begin().await?;
    let mut n = 0;
    let name = loop {
        let name = if n == 0 { base.to_owned() } else { format!("{base}-{n}") };
        match (slug::ActiveModel { name: Set(name.clone()), ..Default::default() })
            .insert(&txn)
            .await
        {
            Ok(_) => break name,
            Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => {
                n += 1;
                sleep(Duration::from_millis(50)).await; //~ SA003
            }
            Err(error) => return Err(error),
        }
    };
    txn.commit().await?;
    Ok(name)
}
