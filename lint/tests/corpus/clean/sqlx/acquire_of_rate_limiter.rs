// acquire() of a rate limiter gives a token, and begin() of a batch gives a builder.
use sqlx::PgPool;

pub struct RateLimiter {
    tokens: tokio::sync::Mutex<u32>,
}

pub struct Token;

impl RateLimiter {
    pub async fn acquire(&self) -> Token {
        *self.tokens.lock().await -= 1;
        Token
    }
}

pub struct BatchApi(reqwest::Client);

pub struct Batch {
    id: String,
}

impl BatchApi {
    pub async fn begin(&self) -> reqwest::Result<Batch> {
        Ok(Batch { id: self.0.post("http://batches").send().await?.text().await? })
    }

    pub async fn commit(&self, batch: Batch) -> reqwest::Result<()> {
        self.0.post(format!("http://batches/{}/commit", batch.id)).send().await?;
        Ok(())
    }
}

pub async fn upload(limiter: &RateLimiter, api: &BatchApi, pool: &PgPool) -> anyhow::Result<()> {
    let _token = limiter.acquire().await;
    let batch = api.begin().await?;
    let rows: Vec<String> = sqlx::query_scalar("SELECT line FROM outgoing").fetch_all(pool).await?;
    for row in rows {
        api.0.post(format!("http://batches/{}", batch.id)).body(row).send().await?;
    }
    api.commit(batch).await?;
    Ok(())
}
