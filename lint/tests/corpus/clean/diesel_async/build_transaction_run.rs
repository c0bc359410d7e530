// A read-only transaction is built and run with statements alone.
use diesel::prelude::*;
use diesel_async::{
    AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Object,
    scoped_futures::ScopedFutureExt,
};

use crate::schema::accounts::dsl::*;

pub async fn totals(conn: &mut Object<AsyncPgConnection>) -> QueryResult<(i64, Option<i64>)> {
    conn.build_transaction()
        .read_only()
        .repeatable_read()
        .run(|tx| {
            async move {
                let count = accounts.count().get_result(tx).await?;
                let top = accounts.select(diesel::dsl::max(balance)).first(tx).await?;
                Ok((count, top))
            }
            .scope_boxed()
        })
        .await
}
