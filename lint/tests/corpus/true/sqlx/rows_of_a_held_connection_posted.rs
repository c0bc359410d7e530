// Each row of a held connection goes through an adapter that calls out before the next row is read.
use futures::TryStreamExt;
use sqlx::PgPool;

pub async fn forward(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<u64> {
    let mut conn = pool.acquire().await?;
    sqlx::query_scalar::<_, String>("SELECT body FROM outbox")
        .fetch(&mut *conn)
        .map_err(anyhow::Error::from)
        .and_then(|body| async move {
            let answer = http.post("http://sink").body(body).send().await?; //~ SA001
            Ok(answer.content_length().unwrap_or(0))
        })
        .try_fold(0, |sum, length| async move { Ok(sum + length) })
        .await
}
