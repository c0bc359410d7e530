// A method of the unit of work itself calls out while the unit's transaction is open.
use tokio_postgres::{Client, Transaction};

pub struct Unit<'c> {
    tx: Transaction<'c>,
    cluster: Cluster,
}

impl<'c> Unit<'c> {
    pub async fn begin(client: &'c mut Client, cluster: Cluster) -> anyhow::Result<Self> {
        Ok(Self { tx: client.transaction().await?, cluster })
    }

    pub async fn announce(&self, text: &str) -> anyhow::Result<()> {
        self.cluster.broadcast(text).await?; //~ SA001
        self.tx.execute("INSERT INTO announced (text) VALUES ($1)", &[&text]).await?;
        Ok(())
    }

    pub async fn commit(self) -> anyhow::Result<()> {
        self.tx.commit().await?;
        Ok(())
    }
}

pub async fn promote(client: &mut Client, cluster: Cluster) -> anyhow::Result<()> {
    let unit = Unit::begin(client, cluster).await?;
    unit.announce("leader").await?;
    unit.commit().await
}

pub struct Cluster(reqwest::Client);

impl Cluster {
    pub async fn broadcast(&self, text: &str) -> anyhow::Result<()> {
        self.0.post("http://cluster").body(text.to_owned()).send().await?;
        Ok(())
    }
}
