// The first arm takes every connection that came: the others have none.
use std::time::Duration;

use sqlx::{PgConnection, PgPool};
use tokio::time::timeout;

const LIMIT: Duration = Duration::from_secs(1);

async fn mark(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("UPDATE parts SET seen = true").execute(conn).await.map(drop)
}

async fn alarm(http: &reqwest::Client) -> reqwest::Result<()> {
    http.post("https://alarm.test/").send().await.map(drop)
}

pub async fn wild(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    match pool.acquire().await {
        Ok(mut conn) => mark(&mut conn).await?,
        _ => alarm(http).await?,
    }
    Ok(())
}

pub async fn named(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    match timeout(LIMIT, pool.acquire()).await {
        Ok(Ok(mut conn)) => mark(&mut conn).await?,
        other => {
            tracing::warn!(failed = other.is_err(), "no connection");
            alarm(http).await?;
        }
    }
    Ok(())
}

pub async fn nested(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    match timeout(LIMIT, pool.acquire()).await {
        Ok(Err(_)) | Err(_) => alarm(http).await?,
        Ok(Ok(mut conn)) => mark(&mut conn).await?,
    }
    Ok(())
}
