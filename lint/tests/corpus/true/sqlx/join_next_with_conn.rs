// Tasks are joined one by one with a connection in hand.
use sqlx::PgPool;
use tokio::task::JoinSet;

pub async fn fetch_all(
    pool: &PgPool,
    http: reqwest::Client,
    urls: Vec<String>,
) -> anyhow::Result<u64> {
    let mut tasks = JoinSet::new();
    for url in urls {
        let http = http.clone();
        tasks.spawn(async move {
            http.get(&url).send().await.map(|page| (url, page.status().as_u16()))
        });
    }
    let mut conn = pool.acquire().await?;
    let mut stored = 0;
    while let Some(done) = tasks.join_next().await { //~ SA003
        let (url, status) = done??;
        stored += sqlx::query("INSERT INTO pages (url, status) VALUES ($1, $2)")
            .bind(url)
            .bind(i32::from(status))
            .execute(&mut *conn)
            .await?
            .rows_affected();
    }
    Ok(stored)
}
