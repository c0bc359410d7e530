// A transaction closure waits a moment before it reads again.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, scoped_futures::ScopedFutureExt,
};
use std::time::Duration;

use crate::schema::leases;

pub async fn take_over(conn: &mut AsyncPgConnection, node: &str) -> QueryResult<bool> {
    conn.transaction(|conn| {
        async move {
            let owner: Option<String> =
                leases::table.select(leases::owner).first(conn).await.optional()?;
            if owner.is_some() {
                tokio::time::sleep(Duration::from_secs(2)).await; //~ SA003
            }
            let taken = diesel::update(leases::table.filter(leases::expires.lt(diesel::dsl::now)))
                .set(leases::owner.eq(node))
                .execute(conn)
                .await?;
            Ok(taken == 1)
        }
        .scope_boxed()
    })
    .await
}
