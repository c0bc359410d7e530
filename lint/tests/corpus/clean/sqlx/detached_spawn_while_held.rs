// A detached task calls out while the function goes on with its connection and never waits for it.
use sqlx::PgPool;

pub async fn visit(pool: &PgPool, analytics: Analytics, page: i64) -> sqlx::Result<i64> {
    let mut conn = pool.acquire().await?;
    tokio::spawn(async move {
        if let Err(error) = analytics.track(page).await {
            tracing::debug!(%error, "not tracked");
        }
    });
    sqlx::query("UPDATE pages SET views = views + 1 WHERE id = $1")
        .bind(page)
        .execute(&mut *conn)
        .await?;
    sqlx::query_scalar("SELECT views FROM pages WHERE id = $1")
        .bind(page)
        .fetch_one(&mut *conn)
        .await
}

pub struct Analytics(reqwest::Client);

impl Analytics {
    pub async fn track(&self, page: i64) -> reqwest::Result<()> {
        self.0.post("http://analytics").body(page.to_string()).send().await?;
        Ok(())
    }
}
