// The store's write transaction is over before the key server is asked.
use sqlx::{Sqlite, SqlitePool, Transaction};

pub struct Store {
    writer: SqlitePool,
}

impl Store {
    async fn begin_write(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    pub async fn add_device(&self, owner: &str, name: &str) -> sqlx::Result<i64> {
        let mut write = self.begin_write().await?;
        let id = sqlx::query("INSERT INTO devices (owner, name) VALUES (?, ?)")
            .bind(owner)
            .bind(name)
            .execute(&mut *write)
            .await?
            .last_insert_rowid();
        write.commit().await?;
        Ok(id)
    }
}

pub async fn enroll(store: &Store, keys: &reqwest::Client, owner: &str) -> anyhow::Result<i64> {
    let key = keys.get(format!("http://keys/{owner}")).send().await?.text().await?;
    let id = store.add_device(owner, &key).await?;
    keys.post("http://keys/seen").body(id.to_string()).send().await?;
    Ok(id)
}
