// A store lends one of its clients by its lock, and a vault is asked while the lock is held.
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_postgres::Client;

pub struct Store {
    clients: Vec<Arc<Mutex<Client>>>,
    vault: reqwest::Client,
}

impl Store {
    async fn client(&self, at: usize) -> OwnedMutexGuard<Client> {
        self.clients[at % self.clients.len()].clone().lock_owned().await
    }

    pub async fn rotate(&self, at: usize, name: &str) -> anyhow::Result<()> {
        let client = self.client(at).await;
        let row = client.query_one("SELECT url FROM secrets WHERE name = $1", &[&name]).await?;
        let secret = self.vault.post(row.get::<_, String>(0)).send().await?.status().as_u16(); //~ SA001
        client
            .execute("UPDATE secrets SET value = $1 WHERE name = $2", &[&i32::from(secret), &name])
            .await?;
        Ok(())
    }
}
