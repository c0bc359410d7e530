// Each tenant has a pool in a map; a transaction of one is open while its billing is asked.
use sqlx::PgPool;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::RwLock;

pub struct Tenants {
    pools: Arc<RwLock<HashMap<String, PgPool>>>,
    http: reqwest::Client,
}

impl Tenants {
    pub async fn close(&self, tenant: &str, month: i32) -> anyhow::Result<()> {
        let pools = self.pools.read().await;
        let mut tx = pools.get(tenant).ok_or_else(|| anyhow::anyhow!("unknown"))?.begin().await?;
        self.http.post("http://billing/close").body(tenant.to_owned()).send().await?; //~ SA001
        sqlx::query("UPDATE months SET closed = true WHERE month = $1")
            .bind(month)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
