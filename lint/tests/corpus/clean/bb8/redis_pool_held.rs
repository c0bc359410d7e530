// A Redis pool of bb8 is no database pool unless configured.
use bb8_redis::{RedisConnectionManager, bb8::Pool, redis::AsyncCommands};

pub async fn cached(
    pool: &Pool<RedisConnectionManager>,
    http: &reqwest::Client,
    key: &str,
) -> anyhow::Result<String> {
    let mut conn = pool.get().await?;
    if let Some(hit) = conn.get::<_, Option<String>>(key).await? {
        return Ok(hit);
    }
    let fresh = http.get(format!("http://origin/{key}")).send().await?.text().await?;
    let () = conn.set_ex(key, &fresh, 60).await?;
    Ok(fresh)
}
