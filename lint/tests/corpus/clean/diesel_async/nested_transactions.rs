// A nested transaction closure is a savepoint on the same connection.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, scoped_futures::ScopedFutureExt,
};

use crate::schema::{entries, totals};

pub async fn post(conn: &mut AsyncPgConnection, cents: i64) -> QueryResult<()> {
    conn.transaction(|conn| {
        async move {
            diesel::insert_into(entries::table)
                .values(entries::cents.eq(cents))
                .execute(conn)
                .await?;
            let lenient = conn
                .transaction(|conn| {
                    async move {
                        diesel::update(totals::table)
                            .set(totals::cents.eq(totals::cents + cents))
                            .execute(conn)
                            .await
                    }
                    .scope_boxed()
                })
                .await;
            if let Err(error) = lenient {
                tracing::warn!(%error, "total not updated");
            }
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
