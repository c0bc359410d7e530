// The stream is read to its end by a match, and ends with its first error too.
use futures::TryStreamExt;
use sqlx::PgPool;

pub async fn count(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut sheep = sqlx::query_scalar::<_, i64>("SELECT id FROM sheep").fetch(pool);
    let mut seen = 0;
    loop {
        match sheep.try_next().await {
            Ok(Some(_)) => seen += 1,
            Ok(None) => break,
            Err(error) => {
                http.post("http://shepherd").body(error.to_string()).send().await?;
                return Err(error.into());
            }
        }
    }
    http.post("http://shepherd").body(format!("{seen}")).send().await?;
    Ok(())
}
