// Eight requests at a time, and a transaction that waits for all of them.
use futures::{StreamExt, TryStreamExt, stream};
use sqlx::PgPool;

async fn fetch(http: &reqwest::Client, id: i64) -> reqwest::Result<String> {
    http.get(format!("https://feed.test/{id}")).send().await?.text().await
}

pub async fn refresh(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<usize> {
    let mut tx = pool.begin().await?;
    let ids: Vec<i64> =
        sqlx::query_scalar("SELECT id FROM feeds FOR UPDATE").fetch_all(&mut *tx).await?;
    let texts: Vec<String> = stream::iter(ids)
        .map(|id| fetch(http, id))
        .buffer_unordered(8)
        .try_collect()
        .await?; //~ SA001
    for text in &texts {
        sqlx::query("INSERT INTO entries (text) VALUES ($1)").bind(text).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    Ok(texts.len())
}
