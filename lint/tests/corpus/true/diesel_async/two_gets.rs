// A second connection is taken for the history while the first is still in scope.
use diesel::prelude::*;
use diesel_async::{AsyncMysqlConnection, RunQueryDsl, pooled_connection::mobc::Pool};

use crate::schema::{history, prices};

pub async fn set_price(
    pool: &Pool<AsyncMysqlConnection>,
    sku: &str,
    cents: i32,
) -> anyhow::Result<()> {
    let mut conn = pool.get().await?;
    diesel::update(prices::table.filter(prices::sku.eq(sku)))
        .set(prices::cents.eq(cents))
        .execute(&mut conn)
        .await?;
    let mut log = pool.get().await?; //~ SA002
    diesel::insert_into(history::table)
        .values((history::sku.eq(sku), history::cents.eq(cents)))
        .execute(&mut log)
        .await?;
    Ok(())
}
