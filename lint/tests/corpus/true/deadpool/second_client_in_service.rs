// A service calls another service that takes its own client while the first one is held.
use deadpool_postgres::Pool;

pub struct Quotas {
    pool: Pool,
}

impl Quotas {
    pub async fn remaining(&self, tenant: i32) -> Result<i64, DbError> {
        let client = self.pool.get().await?;
        let row =
            client.query_one("SELECT remaining FROM quotas WHERE tenant = $1", &[&tenant]).await?;
        Ok(row.get(0))
    }
}

pub struct Uploads {
    pool: Pool,
    quotas: Quotas,
}

impl Uploads {
    pub async fn register(&self, tenant: i32, name: &str) -> Result<(), DbError> {
        let client = self.pool.get().await?;
        let left = self.quotas.remaining(tenant).await?; //~ SA002
        if left <= 0 {
            return Err(DbError::QuotaExceeded);
        }
        client
            .execute("INSERT INTO uploads (tenant, name) VALUES ($1, $2)", &[&tenant, &name])
            .await?;
        Ok(())
    }
}
