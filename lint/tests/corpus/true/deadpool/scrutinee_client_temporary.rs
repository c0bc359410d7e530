// The client is a temporary in the scrutinee of a match whose arm calls a webhook.
use deadpool_postgres::Pool;

pub async fn escalate(pool: &Pool, pager: &Pager, incident: i64) -> anyhow::Result<bool> {
    match pool
        .get()
        .await?
        .query_opt("SELECT oncall FROM incidents WHERE id = $1 AND NOT acked", &[&incident])
        .await?
    {
        Some(row) => {
            pager.page(row.get(0), incident).await?; //~ SA009
            Ok(true)
        }
        None => Ok(false),
    }
}

pub struct Pager(reqwest::Client);

impl Pager {
    async fn page(&self, who: &str, incident: i64) -> reqwest::Result<()> {
        self.0.post("http://pager/pages").json(&(who, incident)).send().await?;
        Ok(())
    }
}
