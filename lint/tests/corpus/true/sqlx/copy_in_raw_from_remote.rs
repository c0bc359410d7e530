// A COPY on the connection waits for the chunks of a remote download.
use sqlx::PgPool;

pub async fn load(pool: &PgPool, http: &reqwest::Client, url: &str) -> anyhow::Result<u64> {
    let mut download = http.get(url).send().await?;
    let mut conn = pool.acquire().await?;
    let mut copy = conn.copy_in_raw("COPY staging FROM STDIN (FORMAT csv)").await?;
    while let Some(chunk) = download.chunk().await? { //~ SA001
        copy.send(chunk).await?;
    }
    Ok(copy.finish().await?)
}
