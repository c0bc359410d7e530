// A transaction with an async closure, as newer releases allow, calls out before it ends.
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};

use crate::schema::rentals;

pub async fn return_car(
    pool: &Pool<AsyncPgConnection>,
    telematics: &Telematics,
    id: i32,
) -> anyhow::Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction::<_, anyhow::Error, _>(async |conn| {
        let car: i32 = rentals::table.find(id).select(rentals::car).first(conn).await?;
        let km = telematics.odometer(car).await?; //~ SA001
        diesel::update(rentals::table.find(id)).set(rentals::km.eq(km)).execute(conn).await?;
        Ok(())
    })
    .await
}

pub struct Telematics(reqwest::Client);

impl Telematics {
    pub async fn odometer(&self, car: i32) -> anyhow::Result<i32> {
        Ok(self.0.get(format!("http://cars/{car}")).send().await?.json().await?)
    }
}
