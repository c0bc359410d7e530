// The stream is collected before the loop that calls out.
use futures::TryStreamExt;
use sqlx::PgPool;

pub async fn replicate(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<usize> {
    let bodies: Vec<String> =
        sqlx::query_scalar("SELECT body FROM documents").fetch(pool).try_collect().await?;
    for body in &bodies {
        http.post("http://mirror").body(body.clone()).send().await?;
    }
    Ok(bodies.len())
}
