// The closure of the transaction gives what is sent when it is over and the connection is back.
use diesel::prelude::*;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::scoped_futures::ScopedFutureExt;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

pub async fn register(
    pool: &Pool<AsyncPgConnection>,
    http: &reqwest::Client,
    name: &str,
) -> anyhow::Result<()> {
    let id = {
        let mut conn = pool.get().await?;
        conn.transaction::<i64, diesel::result::Error, _>(|conn| {
            async move {
                let id = diesel::insert_into(users::table)
                    .values(users::name.eq(name))
                    .returning(users::id)
                    .get_result(conn)
                    .await?;
                diesel::update(counts::table).set(counts::users.eq(id)).execute(conn).await?;
                Ok(id)
            }
            .scope_boxed()
        })
        .await?
    };
    http.post("https://welcome.test/").json(&id).send().await?;
    Ok(())
}
