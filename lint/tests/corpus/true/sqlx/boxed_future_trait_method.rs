// A hand-written boxed future of a job trait holds its connection over a remote call.
use futures::future::BoxFuture;
use sqlx::PgPool;

pub trait Job: Send + Sync {
    fn run<'a>(&'a self, pool: &'a PgPool) -> BoxFuture<'a, anyhow::Result<()>>;
}

pub struct SyncPrices {
    pub supplier: Supplier,
}

impl Job for SyncPrices {
    fn run<'a>(&'a self, pool: &'a PgPool) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let mut tx = pool.begin().await?;
            sqlx::query("DELETE FROM prices").execute(&mut *tx).await?;
            for (sku, cents) in self.supplier.prices().await? { //~ SA001
                sqlx::query("INSERT INTO prices (sku, cents) VALUES ($1, $2)")
                    .bind(sku)
                    .bind(cents)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(())
        })
    }
}

pub struct Supplier {
    http: reqwest::Client,
}

impl Supplier {
    pub async fn prices(&self) -> anyhow::Result<Vec<(String, i64)>> {
        Ok(self.http.get("http://supplier/prices").send().await?.json().await?)
    }
}
