// Assigning None to the optional guard gives the connection back.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub async fn lookup(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<String> {
    let mut conn: Option<PoolConnection<Postgres>> = Some(pool.acquire().await?);
    let mut url = None;
    if let Some(conn) = conn.as_mut() {
        url = sqlx::query_scalar::<_, String>("SELECT url FROM links WHERE id = $1")
            .bind(id)
            .fetch_optional(&mut **conn)
            .await?;
    }
    conn = None;
    let Some(url) = url else { anyhow::bail!("no link {id}") };
    let text = http.get(url).send().await?.text().await?;
    debug_assert!(conn.is_none());
    Ok(text)
}
