// The scrutinee is computed by a function of its own, whose client ends inside it.
use deadpool_postgres::Pool;

async fn oncall(pool: &Pool, incident: i64) -> anyhow::Result<Option<String>> {
    let client = pool.get().await?;
    let row = client.query_opt("SELECT oncall FROM incidents WHERE id = $1", &[&incident]).await?;
    Ok(row.map(|row| row.get(0)))
}

pub async fn escalate(pool: &Pool, pager: &Pager, incident: i64) -> anyhow::Result<()> {
    match oncall(pool, incident).await? {
        Some(who) => pager.page(&who, incident).await?,
        None => tracing::warn!(incident, "nobody on call"),
    }
    Ok(())
}

pub struct Pager(reqwest::Client);

impl Pager {
    async fn page(&self, who: &str, incident: i64) -> reqwest::Result<()> {
        self.0.post("http://pager").json(&(who, incident)).send().await?;
        Ok(())
    }
}
