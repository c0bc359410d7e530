// The adapters of a row stream wait for nothing, and the calls follow once the connection is back.
use futures::{StreamExt, TryStreamExt};
use sqlx::PgPool;

pub async fn forward(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    let bodies: Vec<String> = sqlx::query_scalar::<_, String>("SELECT body FROM outbox")
        .fetch(&mut *conn)
        .try_filter(|body| {
            let known = !body.is_empty();
            async move { known }
        })
        .and_then(|body| futures::future::ready(Ok(body.to_lowercase())))
        .try_collect()
        .await?;
    drop(conn);
    futures::stream::iter(bodies)
        .map(|body| async move { http.post("http://sink").body(body).send().await })
        .buffer_unordered(4)
        .for_each(|_| async {})
        .await;
    Ok(())
}
