// A session's transaction is in a map of the service: whoever takes it out, or borrows it, holds it.
use sqlx::{PgPool, Postgres, Transaction};
use std::collections::HashMap;

pub struct Sessions {
    pool: PgPool,
    audit: reqwest::Client,
    open: HashMap<u64, Transaction<'static, Postgres>>,
}

impl Sessions {
    pub async fn open(&mut self, id: u64) -> anyhow::Result<()> {
        let tx = self.pool.begin().await?;
        self.open.insert(id, tx);
        self.audit.post("http://audit/open").send().await?; //~ SA001
        Ok(())
    }

    pub async fn rename(&mut self, id: u64, name: &str) -> anyhow::Result<()> {
        let tx = self.open.get_mut(&id).expect("an open session");
        sqlx::query("UPDATE users SET name = $1").bind(name).execute(&mut **tx).await?;
        self.audit.post("http://audit/rename").send().await?; //~ SA001
        sqlx::query("UPDATE log SET name = $1").bind(name).execute(&mut **tx).await?;
        Ok(())
    }

    pub async fn close(&mut self, id: u64) -> anyhow::Result<()> {
        if let Some(tx) = self.open.remove(&id) {
            self.audit.post("http://audit/close").send().await?; //~ SA001
            tx.commit().await?;
        }
        Ok(())
    }
}
