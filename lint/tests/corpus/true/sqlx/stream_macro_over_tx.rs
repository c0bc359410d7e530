// A generator yields from inside a read-only transaction.
use async_stream::stream;
use futures::Stream;
use sqlx::PgPool;

pub fn pages(pool: PgPool, size: i64) -> impl Stream<Item = sqlx::Result<Vec<i64>>> {
    stream! {
        let mut tx = match pool.begin().await {
            Ok(tx) => tx,
            Err(error) => {
                yield Err(error);
                return;
            }
        };
        let mut after = 0;
        loop {
            let page = sqlx::query_scalar::<_, i64>("SELECT id FROM rows WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after)
                .bind(size)
                .fetch_all(&mut *tx)
                .await;
            match page {
                Ok(ids) if ids.is_empty() => break,
                Ok(ids) => {
                    after = ids[ids.len() - 1];
                    yield Ok(ids); //~ SA010
                }
                Err(error) => {
                    yield Err(error); //~ SA010
                    break;
                }
            }
        }
        let _ = tx.rollback().await;
    }
}
