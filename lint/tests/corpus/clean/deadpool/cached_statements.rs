// Preparing and running cached statements on the held client is all that is awaited.
use deadpool_postgres::Pool;
use futures::TryStreamExt;

pub async fn words(pool: &Pool, prefix: &str) -> anyhow::Result<Vec<String>> {
    let client = pool.get().await?;
    let statement = client.prepare_cached("SELECT word FROM words WHERE word LIKE $1").await?;
    let rows = client.query_raw(&statement, [format!("{prefix}%")]).await?;
    let words = rows.map_ok(|row| row.get::<_, String>(0)).try_collect().await?;
    Ok(words)
}
