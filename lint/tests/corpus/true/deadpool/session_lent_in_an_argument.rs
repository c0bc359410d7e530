// The session holds the client while the request is sent.
use deadpool_postgres::{Client, Pool};

pub struct Session {
    client: Client,
    tenant: String,
}

impl Session {
    pub async fn open(pool: &Pool, tenant: &str) -> anyhow::Result<Session> {
        Ok(Session { client: pool.get().await?, tenant: tenant.to_owned() })
    }

    pub async fn name(&self) -> anyhow::Result<String> {
        Ok(self.client.query_one("SELECT name FROM tenants", &[]).await?.get(0))
    }

    pub fn tenant(&self) -> String {
        self.tenant.clone()
    }
}

pub async fn export(pool: &Pool, bucket: &reqwest::Client, tenant: &str) -> anyhow::Result<()> {
    let session = Session::open(pool, tenant).await?;
    let name = session.name().await?;
    bucket.put("http://bucket").body(name).header("tenant", session.tenant()).send().await?; //~ SA001
    Ok(())
}
