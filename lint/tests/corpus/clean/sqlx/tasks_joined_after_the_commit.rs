// The requests run beside the transaction, and are waited for when it is over.
use sqlx::PgPool;
use tokio::task::JoinSet;

pub async fn publish(pool: &PgPool, http: reqwest::Client, urls: Vec<String>) -> anyhow::Result<()> {
    let mut tasks = JoinSet::new();
    let mut tx = pool.begin().await?;
    for url in urls {
        sqlx::query("INSERT INTO calls (url) VALUES ($1)").bind(&url).execute(&mut *tx).await?;
        let http = http.clone();
        tasks.spawn(async move { http.post(url).send().await });
    }
    tx.commit().await?;
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}
