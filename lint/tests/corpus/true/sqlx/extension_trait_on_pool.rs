// An extension trait gives PgPool a method that checks out with the tenant set.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub trait TenantPool {
    fn for_tenant(
        &self,
        tenant: &str,
    ) -> impl Future<Output = sqlx::Result<PoolConnection<Postgres>>> + Send;
}

impl TenantPool for PgPool {
    async fn for_tenant(&self, tenant: &str) -> sqlx::Result<PoolConnection<Postgres>> {
        let mut conn = self.acquire().await?;
        sqlx::query("SELECT set_config('app.tenant', $1, false)")
            .bind(tenant)
            .execute(&mut *conn)
            .await?;
        Ok(conn)
    }
}

pub async fn invoice(pool: &PgPool, tenant: &str, tax: &TaxApi, id: i64) -> anyhow::Result<i64> {
    let mut scoped = pool.for_tenant(tenant).await?;
    let (net, country): (i64, String) =
        sqlx::query_as("SELECT net, country FROM invoices WHERE id = $1")
            .bind(id)
            .fetch_one(&mut *scoped)
            .await?;
    let rate = tax.rate(&country).await?; //~ SA001
    let gross = net + net * rate / 100;
    sqlx::query("UPDATE invoices SET gross = $1 WHERE id = $2")
        .bind(gross)
        .bind(id)
        .execute(&mut *scoped)
        .await?;
    Ok(gross)
}

pub struct TaxApi(reqwest::Client);

impl TaxApi {
    pub async fn rate(&self, country: &str) -> anyhow::Result<i64> {
        Ok(self.0.get(format!("http://tax/{country}")).send().await?.json().await?)
    }
}
