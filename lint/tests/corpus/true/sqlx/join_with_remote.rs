// A join! runs a statement beside a remote call, so the slower one decides how long the connection is out.
use sqlx::{PgPool, Row};

pub async fn dashboard(pool: &PgPool, metrics: &MetricsApi, org: i64) -> anyhow::Result<Dashboard> {
    let mut conn = pool.acquire().await?;
    let (members, usage) = tokio::join!( //~ SA003
        sqlx::query("SELECT count(*) FROM members WHERE org = $1").bind(org).fetch_one(&mut *conn),
        metrics.usage(org),
    );
    Ok(Dashboard { members: members?.get(0), usage: usage? })
}

pub struct Dashboard {
    pub members: i64,
    pub usage: f64,
}

pub struct MetricsApi(reqwest::Client);

impl MetricsApi {
    async fn usage(&self, org: i64) -> reqwest::Result<f64> {
        self.0.get(format!("http://metrics/{org}")).send().await?.json().await
    }
}
