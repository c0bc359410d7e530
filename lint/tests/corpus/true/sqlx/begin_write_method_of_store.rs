// The store's begin_write() is a transaction of the writer pool, and a key server is asked inside it.
use sqlx::{Sqlite, SqlitePool, Transaction};

pub struct Store {
    readers: SqlitePool,
    writer: SqlitePool,
    keys: KeyServer,
}

impl Store {
    async fn begin_write(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    pub async fn add_device(&self, user: &str, device: &str) -> anyhow::Result<()> {
        let mut write = self.begin_write().await?;
        sqlx::query("INSERT INTO devices (owner, name) VALUES (?, ?)")
            .bind(user)
            .bind(device)
            .execute(&mut *write)
            .await?;
        let key = self.keys.fetch(user).await?; //~ SA001
        sqlx::query("INSERT INTO keys (owner, key) VALUES (?, ?)")
            .bind(user)
            .bind(key)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(())
    }

    pub async fn count(&self) -> sqlx::Result<i64> {
        sqlx::query_scalar("SELECT count(*) FROM devices").fetch_one(&self.readers).await
    }
}

pub struct KeyServer {
    http: reqwest::Client,
}

impl KeyServer {
    pub async fn fetch(&self, user: &str) -> reqwest::Result<Vec<u8>> {
        Ok(self.http.get(format!("http://keys/{user}")).send().await?.bytes().await?.to_vec())
    }
}
