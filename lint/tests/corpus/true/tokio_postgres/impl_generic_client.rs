// A function over impl GenericClient is given a transaction and asks a vault.
use tokio_postgres::{Client, GenericClient};

pub async fn rotate(db: &impl GenericClient, vault: &Vault, name: &str) -> anyhow::Result<()> {
    let secret = vault.generate(name).await?; //~ SA001
    db.execute("UPDATE secrets SET value = $1 WHERE name = $2", &[&secret, &name]).await?;
    Ok(())
}

pub async fn rotate_all(client: &mut Client, vault: &Vault) -> anyhow::Result<()> {
    let tx = client.build_transaction().deferrable(true).start().await?;
    let names = tx.query("SELECT name FROM secrets FOR UPDATE", &[]).await?;
    for row in &names {
        rotate(&tx, vault, row.get(0)).await?;
    }
    tx.commit().await?;
    Ok(())
}

pub struct Vault(reqwest::Client);

impl Vault {
    pub async fn generate(&self, name: &str) -> anyhow::Result<String> {
        Ok(self.0.post(format!("http://vault/{name}")).send().await?.text().await?)
    }
}
