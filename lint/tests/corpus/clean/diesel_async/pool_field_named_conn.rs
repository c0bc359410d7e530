// The field conn is a pool, and so is what State gives.
use axum::{
    Json,
    extract::{Path, State},
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};

use crate::schema::devices;

#[derive(Clone)]
pub struct Ctx {
    pub conn: Pool<AsyncPgConnection>,
    pub mdm: Mdm,
}

pub async fn wipe(State(ctx): State<Ctx>, Path(id): Path<i32>) -> Result<Json<bool>, ApiError> {
    let Ctx { conn, mdm } = ctx;
    let serial = serial_of(&conn, id).await?;
    mdm.wipe(&serial).await?;
    let mut db = conn.get().await?;
    let done = diesel::update(devices::table.find(id))
        .set(devices::wiped.eq(true))
        .execute(&mut db)
        .await?;
    Ok(Json(done == 1))
}

async fn serial_of(pool: &Pool<AsyncPgConnection>, id: i32) -> Result<String, ApiError> {
    let mut db = pool.get().await?;
    Ok(devices::table.find(id).select(devices::serial).first(&mut db).await?)
}

#[derive(Clone)]
pub struct Mdm(reqwest::Client);

impl Mdm {
    pub async fn wipe(&self, serial: &str) -> reqwest::Result<()> {
        self.0.post(format!("http://mdm/{serial}/wipe")).send().await?;
        Ok(())
    }
}
