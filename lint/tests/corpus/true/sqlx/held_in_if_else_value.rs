// Both branches of an if make the guard, which is held over the remote call after them.
use sqlx::{PgPool, Postgres, pool::PoolConnection};

pub async fn lookup(
    primary: &PgPool,
    replica: &PgPool,
    geo: &Geo,
    id: i64,
    fresh: bool,
) -> anyhow::Result<String> {
    let mut conn: PoolConnection<Postgres> =
        if fresh { primary.acquire().await? } else { replica.acquire().await? };
    let ip: String = sqlx::query_scalar("SELECT ip FROM logins WHERE id = $1")
        .bind(id)
        .fetch_one(&mut *conn)
        .await?;
    let country = geo.country(&ip).await?; //~ SA001
    Ok(country)
}

pub struct Geo(reqwest::Client);

impl Geo {
    pub async fn country(&self, ip: &str) -> anyhow::Result<String> {
        Ok(self.0.get(format!("http://geoip/{ip}")).send().await?.text().await?)
    }
}
