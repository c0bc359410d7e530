// The guard exists only on one branch, and that branch awaits something else.
use sqlx::SqlitePool;

pub async fn lookup(
    pool: &SqlitePool,
    upstream: &Upstream,
    key: &str,
    fresh: bool,
) -> Result<String, LookupError> {
    if fresh {
        let mut conn = pool.acquire().await?;
        let value = upstream.get(key).await?; //~ SA001
        sqlx::query("INSERT OR REPLACE INTO cache (key, value) VALUES (?1, ?2)")
            .bind(key)
            .bind(&value)
            .execute(&mut *conn)
            .await?;
        Ok(value)
    } else {
        Ok(upstream.get(key).await?)
    }
}

pub struct Upstream {
    http: reqwest::Client,
}

impl Upstream {
    async fn get(&self, key: &str) -> Result<String, reqwest::Error> {
        self.http.get(key).send().await?.text().await
    }
}
