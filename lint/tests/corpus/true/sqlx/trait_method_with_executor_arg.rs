// A repository trait takes the connection as an argument; the service calls a feed in between.
use async_trait::async_trait;
use sqlx::{PgConnection, PgPool};

#[async_trait]
pub trait FeedRepo: Send + Sync {
    async fn due(&self, conn: &mut PgConnection) -> sqlx::Result<Vec<(i64, String)>>;
    async fn store(&self, conn: &mut PgConnection, id: i64, body: &str) -> sqlx::Result<()>;
}

pub struct FeedService<R> {
    repo: R,
    pool: PgPool,
    http: reqwest::Client,
}

impl<R: FeedRepo> FeedService<R> {
    pub async fn refresh_due(&self) -> anyhow::Result<()> {
        let mut tx = self.pool.begin().await?;
        for (id, url) in self.repo.due(&mut tx).await? {
            let response = self.http.get(url).send().await?; //~ SA001
            let body = response.text().await?; //~ SA001
            self.repo.store(&mut tx, id, &body).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
