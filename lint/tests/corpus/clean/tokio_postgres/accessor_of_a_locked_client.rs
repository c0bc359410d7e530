// An accessor lends a locked client, and each statement takes and gives it back by itself.
use std::sync::Arc;
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::Client;

pub struct Store {
    client: Option<Arc<Mutex<Client>>>,
    vault: reqwest::Client,
}

impl Store {
    async fn client(&self) -> anyhow::Result<MutexGuard<'_, Client>> {
        let client = self.client.as_ref().ok_or_else(|| anyhow::anyhow!("not connected"))?;
        Ok(client.lock().await)
    }

    pub async fn rotate(&self, name: &str) -> anyhow::Result<()> {
        let url: String = {
            let client = self.client().await?;
            client.query_one("SELECT url FROM secrets WHERE name = $1", &[&name]).await?.get(0)
        };
        let secret = i32::from(self.vault.post(url).send().await?.status().as_u16());
        let client = self.client().await?;
        client.execute("UPDATE secrets SET value = $1 WHERE name = $2", &[&secret, &name]).await?;
        Ok(())
    }
}
