// A chain on a fresh client ends with its statement, and the vault is asked with the value alone.
use deadpool_postgres::Pool;

pub async fn reveal(pool: &Pool, vault: &VaultApi, name: &str) -> anyhow::Result<String> {
    let sealed: Option<String> = pool
        .get()
        .await?
        .query_opt("SELECT sealed FROM secrets WHERE name = $1", &[&name])
        .await?
        .map(|row| row.get(0));
    let Some(sealed) = sealed else { anyhow::bail!("no secret {name}") };
    vault.unseal(&sealed).await
}

pub struct VaultApi(reqwest::Client);

impl VaultApi {
    pub async fn unseal(&self, sealed: &str) -> anyhow::Result<String> {
        Ok(self.0.post("http://vault/unseal").body(sealed.to_owned()).send().await?.text().await?)
    }
}
