// Each of eight concurrent closures holds a connection while it waits for a page.
use futures::{StreamExt, stream};
use sqlx::PgPool;

pub async fn crawl(pool: &PgPool, http: &reqwest::Client, urls: Vec<String>) {
    stream::iter(urls)
        .for_each_concurrent(8, |url| async move {
            let Ok(mut conn) = pool.acquire().await else { return };
            let Ok(page) = http.get(&url).send().await else { return }; //~ SA001
            let status = i32::from(page.status().as_u16());
            let stored = sqlx::query("INSERT INTO pages (url, status) VALUES ($1, $2)")
                .bind(&url)
                .bind(status)
                .execute(&mut *conn)
                .await;
            if let Err(error) = stored {
                tracing::warn!(%error, url, "page not stored");
            }
        })
        .await;
}
