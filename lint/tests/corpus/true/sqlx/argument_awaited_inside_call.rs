// The argument of a statement is itself awaited from a remote, with the connection already out.
use sqlx::PgPool;

pub async fn track(pool: &PgPool, geo: &Geo, ip: &str) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    sqlx::query("INSERT INTO visits (ip, country) VALUES ($1, $2)")
        .bind(ip)
        .bind(geo.country(ip).await?) //~ SA001
        .execute(&mut *conn)
        .await?;
    Ok(())
}

pub struct Geo(reqwest::Client);

impl Geo {
    pub async fn country(&self, ip: &str) -> anyhow::Result<String> {
        Ok(self.0.get(format!("http://geo/{ip}")).send().await?.text().await?)
    }
}
