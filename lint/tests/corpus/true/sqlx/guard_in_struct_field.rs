// A unit of work holds the transaction in a field while the search index is written.
use sqlx::{PgPool, Postgres, Transaction};

pub struct UnitOfWork {
    tx: Transaction<'static, Postgres>,
    articles_written: usize,
}

impl UnitOfWork {
    pub async fn start(pool: &PgPool) -> sqlx::Result<Self> {
        Ok(Self { tx: pool.begin().await?, articles_written: 0 })
    }

    pub async fn insert_article(&mut self, title: &str) -> sqlx::Result<i64> {
        self.articles_written += 1;
        sqlx::query_scalar("INSERT INTO articles (title) VALUES ($1) RETURNING id")
            .bind(title)
            .fetch_one(&mut *self.tx)
            .await
    }

    pub async fn finish(self) -> sqlx::Result<()> {
        self.tx.commit().await
    }
}

pub async fn publish(pool: &PgPool, index: &SearchIndex, title: &str) -> anyhow::Result<i64> {
    let mut uow = UnitOfWork::start(pool).await?;
    let id = uow.insert_article(title).await?;
    index.upsert(id, title).await?; //~ SA001
    uow.finish().await?;
    Ok(id)
}

pub struct SearchIndex {
    client: reqwest::Client,
}

impl SearchIndex {
    pub async fn upsert(&self, id: i64, title: &str) -> anyhow::Result<()> {
        self.client
            .put(format!("http://search/documents/{id}"))
            .body(title.to_owned())
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }
}
