// Each row of a batch is geocoded inside the batch's transaction.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool,
    scoped_futures::ScopedFutureExt,
};

use crate::schema::shops;

pub struct GeoJob {
    pub pool: Pool<AsyncPgConnection>,
    pub geocoder: Box<dyn Geocoder>,
}

#[async_trait::async_trait]
pub trait Geocoder: Send + Sync {
    async fn locate(&self, address: &str) -> anyhow::Result<(f64, f64)>;
}

impl GeoJob {
    pub async fn run(&self) -> anyhow::Result<usize> {
        let mut conn = self.pool.get().await?;
        conn.transaction::<_, anyhow::Error, _>(|tx| {
            async move {
                let todo: Vec<(i32, String)> = shops::table
                    .filter(shops::lat.is_null())
                    .select((shops::id, shops::address))
                    .for_update()
                    .skip_locked()
                    .load(tx)
                    .await?;
                let total = todo.len();
                for (shop, address) in todo {
                    let (lat, lon) = self.geocoder.locate(&address).await?; //~ SA001
                    diesel::update(shops::table.find(shop))
                        .set((shops::lat.eq(lat), shops::lon.eq(lon)))
                        .execute(tx)
                        .await?;
                }
                Ok(total)
            }
            .scope_boxed()
        })
        .await
    }
}
