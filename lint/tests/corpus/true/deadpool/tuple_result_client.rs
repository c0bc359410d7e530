// The client comes back in a tuple beside the tenant and is held across a licence check.
use deadpool_postgres::{Object, Pool};

pub struct Tenant {
    pub id: i32,
    pub licence: String,
}

async fn open_tenant(pool: &Pool, host: &str) -> Result<(Object, Tenant), DbError> {
    let client = pool.get().await?;
    let row = client.query_one("SELECT id, licence FROM tenants WHERE host = $1", &[&host]).await?;
    let tenant = Tenant { id: row.get(0), licence: row.get(1) };
    Ok((client, tenant))
}

pub async fn dashboard(pool: &Pool, licences: &Licences, host: &str) -> Result<i64, DbError> {
    let (client, tenant) = open_tenant(pool, host).await?;
    if !licences.valid(&tenant.licence).await? { //~ SA001
        return Err(DbError::Unlicensed);
    }
    let row =
        client.query_one("SELECT count(*) FROM widgets WHERE tenant = $1", &[&tenant.id]).await?;
    Ok(row.get(0))
}

pub struct Licences {
    http: reqwest::Client,
}

impl Licences {
    pub async fn valid(&self, key: &str) -> Result<bool, reqwest::Error> {
        Ok(self
            .http
            .get("http://licences")
            .query(&[("key", key)])
            .send()
            .await?
            .status()
            .is_success())
    }
}
