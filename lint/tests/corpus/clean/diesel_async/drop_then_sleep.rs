// The node sleeps after it dropped its connection.
use diesel::prelude::*;
use diesel_async::{AsyncMysqlConnection, RunQueryDsl, pooled_connection::mobc::Pool};
use std::time::Duration;

use crate::schema::leases::dsl::*;

pub async fn stay_leader(pool: Pool<AsyncMysqlConnection>, node: &str) -> anyhow::Result<()> {
    loop {
        let mut conn = pool.get().await?;
        let kept = diesel::update(leases.filter(owner.eq(node)))
            .set(renewed.eq(diesel::dsl::now))
            .execute(&mut conn)
            .await?;
        std::mem::drop(conn);
        if kept == 0 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
}
