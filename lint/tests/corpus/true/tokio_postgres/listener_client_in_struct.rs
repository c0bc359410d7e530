// A leader keeps its advisory lock's client in a field and talks to the cluster with it.
use tokio_postgres::{Client, NoTls};

pub struct Leadership {
    client: Client,
}

impl Leadership {
    pub async fn acquire(dsn: &str) -> anyhow::Result<Option<Self>> {
        let (client, connection) = tokio_postgres::connect(dsn, NoTls).await?;
        tokio::spawn(connection);
        let leader: bool = client.query_one("SELECT pg_try_advisory_lock(1)", &[]).await?.get(0);
        Ok(leader.then_some(Self { client }))
    }

    pub async fn announce(&self, cluster: &Cluster) -> anyhow::Result<()> {
        cluster.broadcast("leader").await?; //~ SA001
        self.client.execute("UPDATE leaders SET announced = now()", &[]).await?;
        Ok(())
    }
}

pub struct Cluster(reqwest::Client);

impl Cluster {
    pub async fn broadcast(&self, text: &str) -> anyhow::Result<()> {
        self.0.post("http://cluster").body(text.to_owned()).send().await?;
        Ok(())
    }
}
