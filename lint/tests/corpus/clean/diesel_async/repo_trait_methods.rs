// A repository trait hides the checkouts, and the service that uses it holds nothing.
use async_trait::async_trait;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};
use std::sync::Arc;

use crate::schema::certificates;

#[async_trait]
pub trait Certificates: Send + Sync {
    async fn due(&self) -> anyhow::Result<Vec<String>>;
    async fn store(&self, domain: &str, pem: &str) -> anyhow::Result<()>;
}

pub struct PgCertificates(Pool<AsyncPgConnection>);

#[async_trait]
impl Certificates for PgCertificates {
    async fn due(&self) -> anyhow::Result<Vec<String>> {
        let mut conn = self.0.get().await?;
        Ok(certificates::table
            .filter(certificates::expires.lt(diesel::dsl::now))
            .select(certificates::domain)
            .load(&mut conn)
            .await?)
    }

    async fn store(&self, domain: &str, pem: &str) -> anyhow::Result<()> {
        let mut conn = self.0.get().await?;
        diesel::update(certificates::table.filter(certificates::domain.eq(domain)))
            .set(certificates::pem.eq(pem))
            .execute(&mut conn)
            .await?;
        Ok(())
    }
}

pub async fn renew(
    certificates: Arc<dyn Certificates>,
    http: reqwest::Client,
) -> anyhow::Result<()> {
    for domain in certificates.due().await? {
        let pem = http.post("http://acme/orders").body(domain.clone()).send().await?.text().await?;
        certificates.store(&domain, &pem).await?;
    }
    Ok(())
}
