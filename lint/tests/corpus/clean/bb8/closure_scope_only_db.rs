// A with_conn helper is given a closure that only runs statements.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use futures::future::BoxFuture;
use tokio_postgres::{Error, NoTls};

type Manager = PostgresConnectionManager<NoTls>;

pub async fn with_conn<T, F>(pool: &Pool<Manager>, body: F) -> anyhow::Result<T>
where
    F: for<'c> FnOnce(&'c PooledConnection<'_, Manager>) -> BoxFuture<'c, Result<T, Error>>,
{
    let conn = pool.get().await?;
    Ok(body(&conn).await?)
}

pub async fn tidy(pool: &Pool<Manager>, bus: &async_nats::Client) -> anyhow::Result<u64> {
    let gone = with_conn(pool, |conn| {
        Box::pin(async move {
            conn.batch_execute("ANALYZE visits").await?;
            conn.execute("DELETE FROM visits WHERE at < now() - interval '1 year'", &[]).await
        })
    })
    .await?;
    bus.publish("visits.tidied", gone.to_string().into()).await?;
    Ok(gone)
}
