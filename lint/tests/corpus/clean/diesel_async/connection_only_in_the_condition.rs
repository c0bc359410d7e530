// The connection is asked for in the condition of a block that has ended before the call.
use diesel::prelude::*;
use diesel_async::pooled_connection::bb8::Pool;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

async fn is_known(pool: &Pool<AsyncPgConnection>, key: &str) -> anyhow::Result<bool> {
    let mut conn = pool.get().await?;
    let found = keys::table.filter(keys::key.eq(key)).count().get_result::<i64>(&mut conn).await?;
    Ok(found > 0)
}

pub async fn verify(
    pool: &Pool<AsyncPgConnection>,
    http: &reqwest::Client,
    key: &str,
) -> anyhow::Result<bool> {
    if is_known(pool, key).await? {
        return Ok(true);
    }
    let answer = http.get("https://keys.test/").query(&[("key", key)]).send().await?;
    Ok(answer.status().is_success())
}
