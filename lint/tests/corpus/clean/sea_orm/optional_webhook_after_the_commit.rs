// The saved row says if somebody is told, once the transaction is committed.
use sea_orm::{ActiveModelTrait, DatabaseConnection, TransactionTrait};

pub async fn save(
    db: &DatabaseConnection,
    http: &reqwest::Client,
    order: order::ActiveModel,
    line: line::ActiveModel,
) -> Result<(), Failed> {
    let saved = db
        .transaction::<_, order::Model, sea_orm::DbErr>(|txn| {
            Box::pin(async move {
                let saved = order.insert(txn).await?;
                line.insert(txn).await?;
                Ok(saved)
            })
        })
        .await?;
    if let Some(url) = saved.webhook.as_deref() {
        http.post(url).json(&saved.id).send().await?;
    }
    Ok(())
}
