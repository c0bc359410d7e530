// The guard lives on one branch, the remote call on the other.
use sqlx::PgPool;

pub async fn resolve(pool: &PgPool, dns: &Dns, host: &str, cached: bool) -> anyhow::Result<String> {
    if cached {
        let mut conn = pool.acquire().await?;
        sqlx::query("UPDATE hosts SET hits = hits + 1 WHERE name = $1")
            .bind(host)
            .execute(&mut *conn)
            .await?;
        let ip = sqlx::query_scalar("SELECT ip FROM hosts WHERE name = $1")
            .bind(host)
            .fetch_one(&mut *conn)
            .await?;
        Ok(ip)
    } else {
        dns.lookup(host).await
    }
}

pub struct Dns {
    resolver: hickory_resolver::TokioResolver,
}

impl Dns {
    pub async fn lookup(&self, host: &str) -> anyhow::Result<String> {
        let found = self.resolver.lookup_ip(host).await?;
        Ok(found.iter().next().map(|ip| ip.to_string()).unwrap_or_default())
    }
}
