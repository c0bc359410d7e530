// A directory is made with a blocking call inside the transaction.
use std::path::PathBuf;
use tokio_postgres::Client;

pub struct Workspaces {
    root: PathBuf,
}

impl Workspaces {
    pub async fn create(&self, client: &mut Client, name: &str) -> anyhow::Result<PathBuf> {
        let tx = client.transaction().await?;
        tx.execute("INSERT INTO workspaces (name) VALUES ($1)", &[&name]).await?;
        let path = self.root.join(name);
        std::fs::create_dir_all(&path)?; //~ SA004
        tx.commit().await?;
        Ok(path)
    }
}
