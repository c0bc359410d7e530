// A connection of its own is opened in a handler and idles during a remote call.
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::schema::licences;

pub async fn activate(database_url: &str, vendor: &Vendor, key: &str) -> anyhow::Result<()> {
    let mut connection = AsyncPgConnection::establish(database_url).await?;
    let seats: i32 = licences::table
        .filter(licences::key.eq(key))
        .select(licences::seats)
        .first(&mut connection)
        .await?;
    vendor.activate(key, seats).await?; //~ SA001
    diesel::update(licences::table.filter(licences::key.eq(key)))
        .set(licences::active.eq(true))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub struct Vendor(reqwest::Client);

impl Vendor {
    pub async fn activate(&self, key: &str, seats: i32) -> anyhow::Result<()> {
        self.0.post("http://vendor/activations").json(&(key, seats)).send().await?;
        Ok(())
    }
}
