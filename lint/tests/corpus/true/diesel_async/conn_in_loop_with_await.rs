// Each pass takes a connection, updates a row and waits for a device before the pass ends.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8::Pool};

use crate::schema::sensors::dsl::*;

pub async fn poll(
    pool: &Pool<AsyncPgConnection>,
    modbus: &Modbus,
    ids: &[i32],
) -> anyhow::Result<()> {
    for sensor in ids {
        let mut conn = pool.get().await?;
        let register: i32 = sensors.find(sensor).select(address).first(&mut conn).await?;
        let reading = modbus.read(register).await?; //~ SA001
        diesel::update(sensors.find(sensor)).set(value.eq(reading)).execute(&mut conn).await?;
    }
    Ok(())
}

pub struct Modbus {
    host: String,
}

impl Modbus {
    pub async fn read(&self, register: i32) -> anyhow::Result<f64> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::TcpStream::connect(&self.host).await?;
        stream.write_i32(register).await?;
        Ok(stream.read_f64().await?)
    }
}
