// Acquiring under a timeout is fine; holding the result over a call is not.
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::timeout;

pub async fn visit(pool: &PgPool, tracker: &Tracker, page: i64) -> anyhow::Result<()> {
    let mut conn = timeout(Duration::from_millis(100), pool.acquire()).await??;
    sqlx::query("UPDATE pages SET views = views + 1 WHERE id = $1")
        .bind(page)
        .execute(&mut *conn)
        .await?;
    tracker.hit(page).await?; //~ SA001
    Ok(())
}

pub struct Tracker(reqwest::Client);

impl Tracker {
    pub async fn hit(&self, page: i64) -> anyhow::Result<()> {
        self.0.post("http://tracker").body(page.to_string()).send().await?;
        Ok(())
    }
}
