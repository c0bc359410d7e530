// A transaction only for some requests, which the webhook holds open.
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, TransactionTrait};

pub async fn save(
    db: &DatabaseConnection,
    http: &reqwest::Client,
    order: order::ActiveModel,
    line: line::ActiveModel,
) -> Result<(), Failed> {
    let txn = db.begin().await?;
    let saved = order.insert(&txn).await?;
    let told = match saved.webhook.as_deref() {
        Some(url) => http.post(url).json(&saved.id).send().await.is_ok(), //~ SA001
        None => false,
    };
    if told {
        line.insert(&txn).await?;
    }
    txn.commit().await?;
    Ok(())
}
