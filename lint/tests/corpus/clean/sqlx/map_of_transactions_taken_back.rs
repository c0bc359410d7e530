// A session's transaction is in a map of the service, and nothing else is awaited with it.
use sqlx::{PgPool, Postgres, Transaction};
use std::collections::HashMap;

pub struct Sessions {
    shards: HashMap<String, PgPool>,
    audit: reqwest::Client,
    open: HashMap<u64, Transaction<'static, Postgres>>,
}

impl Sessions {
    pub async fn rename(&mut self, id: u64, name: &str) -> anyhow::Result<()> {
        let tx = self.open.get_mut(&id).expect("an open session");
        sqlx::query("UPDATE users SET name = $1").bind(name).execute(&mut **tx).await?;
        Ok(())
    }

    pub async fn close(&mut self, id: u64) -> anyhow::Result<()> {
        if let Some(tx) = self.open.remove(&id) {
            tx.commit().await?;
        }
        self.audit.post("http://audit/close").send().await?;
        Ok(())
    }

    pub async fn shard(&mut self, name: &str) -> anyhow::Result<i64> {
        let shard = self.shards.get(name).expect("a shard");
        self.audit.post("http://audit/shard").send().await?;
        Ok(sqlx::query_scalar("SELECT count(*) FROM users").fetch_one(shard).await?)
    }

    pub async fn close_all(&mut self) -> anyhow::Result<()> {
        for (_, tx) in self.open.drain() {
            tx.rollback().await?;
        }
        self.audit.post("http://audit/closed").send().await?;
        Ok(())
    }
}
