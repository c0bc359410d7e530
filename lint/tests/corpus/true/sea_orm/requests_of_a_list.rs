// A list is fetched item by item in a stream, while a transaction waits for each.
use futures::stream::{self, StreamExt};
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, Set, TransactionTrait};

use crate::entity::page;

pub async fn store(
    db: &DatabaseConnection,
    http: &reqwest::Client,
    urls: Vec<String>,
) -> Result<(), DbErr> {
    let txn = db.begin().await?;
    let mut answers = stream::iter(urls).map(|url| http.get(url).send()).buffered(4);
    while let Some(answer) = answers.next().await { //~ SA001
        let status = answer.map_or(0, |answer| i32::from(answer.status().as_u16()));
        page::ActiveModel { status: Set(status), ..Default::default() }.insert(&txn).await?;
    }
    txn.commit().await
}
