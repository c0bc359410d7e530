// A test transaction on a connection of its own is never committed, by design.
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

use crate::schema::users;

pub async fn fixture(url: &str) -> anyhow::Result<AsyncPgConnection> {
    let mut conn = AsyncPgConnection::establish(url).await?;
    conn.begin_test_transaction().await?;
    diesel::insert_into(users::table).values(users::name.eq("ada")).execute(&mut conn).await?;
    Ok(conn)
}
