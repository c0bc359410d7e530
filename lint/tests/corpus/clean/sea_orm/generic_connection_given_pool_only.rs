// A generic function calls out but is only ever given the pool.
use sea_orm::{ActiveModelTrait, ConnectionTrait, DatabaseConnection};

use crate::entity::book;

pub async fn save_book<C>(
    db: &C,
    index: &SearchIndex,
    book: book::ActiveModel,
) -> anyhow::Result<()>
where
    C: ConnectionTrait,
{
    let saved = book.insert(db).await?;
    index.add(saved.id, &saved.title).await?;
    Ok(())
}

pub async fn import(
    db: DatabaseConnection,
    index: SearchIndex,
    books: Vec<book::ActiveModel>,
) -> anyhow::Result<()> {
    for book in books {
        save_book(&db, &index, book).await?;
    }
    Ok(())
}

pub struct SearchIndex(reqwest::Client);

impl SearchIndex {
    pub async fn add(&self, id: i32, title: &str) -> reqwest::Result<()> {
        self.0.put(format!("http://search/{id}")).body(title.to_owned()).send().await?;
        Ok(())
    }
}
