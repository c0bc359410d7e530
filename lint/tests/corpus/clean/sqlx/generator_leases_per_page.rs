// The generator takes a connection for each page and gives it back before it yields.
use async_stream::try_stream;
use futures::Stream;
use sqlx::PgPool;

pub fn all_ids(pool: PgPool) -> impl Stream<Item = sqlx::Result<i64>> {
    try_stream! {
        let mut after = 0i64;
        loop {
            let page: Vec<i64> = {
                let mut conn = pool.acquire().await?;
                sqlx::query_scalar("SELECT id FROM rows WHERE id > $1 ORDER BY id LIMIT 100")
                    .bind(after)
                    .fetch_all(&mut *conn)
                    .await?
            };
            let Some(last) = page.last() else { break };
            after = *last;
            for id in page {
                yield id;
            }
        }
    }
}
