// A service method lent a client reads a key from a vault before it uses it.
use deadpool_postgres::{Client, Pool};

pub struct Secrets {
    vault: VaultApi,
}

impl Secrets {
    pub async fn store(&self, client: &Client, name: &str, value: &[u8]) -> anyhow::Result<()> {
        let key = self.vault.current_key().await?; //~ SA001
        let sealed: Vec<u8> = value.iter().zip(key.iter().cycle()).map(|(a, b)| a ^ b).collect();
        client
            .execute("INSERT INTO secrets (name, value) VALUES ($1, $2)", &[&name, &sealed])
            .await?;
        Ok(())
    }
}

pub async fn save(pool: &Pool, secrets: &Secrets, name: &str, value: &[u8]) -> anyhow::Result<()> {
    let client = pool.get().await?;
    secrets.store(&client, name, value).await
}

pub struct VaultApi(reqwest::Client);

impl VaultApi {
    pub async fn current_key(&self) -> anyhow::Result<Vec<u8>> {
        Ok(self.0.get("http://vault/key").send().await?.bytes().await?.to_vec())
    }
}
