// Helpers are lent the connection and only run statements on it.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, scoped_futures::ScopedFutureExt,
};

use crate::schema::{lines, orders};

pub async fn cancel(conn: &mut AsyncPgConnection, order: i64) -> QueryResult<usize> {
    conn.transaction(|tx| {
        async move {
            close(tx, order).await?;
            release_lines(tx, order).await
        }
        .scope_boxed()
    })
    .await
}

async fn close(conn: &mut AsyncPgConnection, order: i64) -> QueryResult<()> {
    diesel::update(orders::table.find(order))
        .set(orders::open.eq(false))
        .execute(conn)
        .await
        .map(|_| ())
}

async fn release_lines(conn: &mut AsyncPgConnection, order: i64) -> QueryResult<usize> {
    diesel::delete(lines::table.filter(lines::order_id.eq(order))).execute(conn).await
}
