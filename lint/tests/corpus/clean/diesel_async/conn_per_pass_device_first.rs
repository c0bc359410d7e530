// Each pass waits for the device first and takes its connection afterwards.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};

use crate::schema::sensors::dsl::*;

pub async fn poll(
    pool: &Pool<AsyncPgConnection>,
    http: &reqwest::Client,
    ids: &[i32],
) -> anyhow::Result<()> {
    for sensor in ids {
        let reading: f64 =
            http.get(format!("http://sensors/{sensor}")).send().await?.json().await?;
        let mut conn = pool.get().await?;
        diesel::update(sensors.find(sensor)).set(value.eq(reading)).execute(&mut conn).await?;
    }
    Ok(())
}
