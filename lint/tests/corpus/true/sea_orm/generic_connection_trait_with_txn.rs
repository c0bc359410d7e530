// A function generic over ConnectionTrait calls a remote index, and its caller passes a transaction.
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};

use crate::entity::book;

pub async fn save_book<C: ConnectionTrait>(
    db: &C,
    meili: &meilisearch_sdk::client::Client,
    book: book::ActiveModel,
) -> anyhow::Result<book::Model> {
    let saved = book.insert(db).await?;
    meili.index("books").add_documents(std::slice::from_ref(&saved), Some("id")).await?; //~ SA001
    Ok(saved)
}

pub async fn import(
    db: &DatabaseConnection,
    meili: &meilisearch_sdk::client::Client,
    books: Vec<book::ActiveModel>,
) -> anyhow::Result<usize> {
    let txn = db.begin().await?;
    let mut count = 0;
    for book in books {
        save_book(&txn, meili, book).await?;
        count += 1;
    }
    txn.commit().await?;
    Ok(count)
}
