// A stream is collected inside the function that made it, and the channel is fed afterwards.
use futures::TryStreamExt;
use sea_orm::{DatabaseConnection, EntityTrait, TransactionTrait};
use tokio::sync::mpsc::Sender;

use crate::entity::{prelude::Visit, visit};

pub async fn feed(db: &DatabaseConnection, visits: Sender<visit::Model>) -> anyhow::Result<()> {
    let txn = db.begin().await?;
    let rows: Vec<visit::Model> = Visit::find().stream(&txn).await?.try_collect().await?;
    txn.commit().await?;
    for row in rows {
        visits.send(row).await?;
    }
    Ok(())
}
