// A stream over a transaction is sent through a bounded channel row by row.
use futures::TryStreamExt;
use sea_orm::{DatabaseConnection, EntityTrait, TransactionTrait};
use tokio::sync::mpsc::Sender;

use crate::entity::{prelude::Visit, visit};

pub async fn feed(db: &DatabaseConnection, visits: Sender<visit::Model>) -> anyhow::Result<()> {
    let txn = db.begin().await?;
    let mut rows = Visit::find().stream(&txn).await?;
    while let Some(row) = rows.try_next().await? {
        visits.send(row).await?; //~ SA003
    }
    drop(rows);
    txn.commit().await?;
    Ok(())
}
