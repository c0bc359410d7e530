// The session that holds the client is used up by the call that makes the request.
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

    pub fn finish(self) -> String {
        self.tenant
    }
}

pub async fn export(pool: &Pool, bucket: &reqwest::Client, tenant: &str) -> anyhow::Result<()> {
    let session = Session::open(pool, tenant).await?;
    let name = session.name().await?;
    bucket.put("http://bucket").body(name).header("tenant", session.finish()).send().await?;
    Ok(())
}
