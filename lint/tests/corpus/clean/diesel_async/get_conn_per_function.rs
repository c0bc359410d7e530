// Each function of the data layer gets its own connection; the caller holds only the pool.
use diesel::prelude::*;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl,
    pooled_connection::deadpool::{Object, Pool},
};

use crate::schema::community;

async fn get_conn(pool: &Pool<AsyncPgConnection>) -> anyhow::Result<Object<AsyncPgConnection>> {
    Ok(pool.get().await?)
}

pub async fn inbox(pool: &Pool<AsyncPgConnection>, name: &str) -> anyhow::Result<String> {
    let conn = &mut get_conn(pool).await?;
    Ok(community::table
        .filter(community::name.eq(name))
        .select(community::inbox)
        .first(conn)
        .await?)
}

pub async fn set_members(
    pool: &Pool<AsyncPgConnection>,
    name: &str,
    members: i32,
) -> anyhow::Result<()> {
    let conn = &mut get_conn(pool).await?;
    diesel::update(community::table.filter(community::name.eq(name)))
        .set(community::members.eq(members))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn refresh(
    pool: &Pool<AsyncPgConnection>,
    http: &reqwest::Client,
    name: &str,
) -> anyhow::Result<()> {
    let url = inbox(pool, name).await?;
    let members: i32 = http.get(url).send().await?.json().await?;
    set_members(pool, name, members).await
}
