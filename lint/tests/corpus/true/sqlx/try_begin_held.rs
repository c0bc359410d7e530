// The transaction comes from try_begin() and is held over a remote call.
use sqlx::PgPool;

pub async fn opportunistic(pool: &PgPool, stats: &StatsApi) -> anyhow::Result<bool> {
    let Some(mut tx) = pool.try_begin().await? else {
        return Ok(false);
    };
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM visits").fetch_one(&mut *tx).await?;
    stats.report(count).await?; //~ SA001
    sqlx::query("DELETE FROM visits").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(true)
}

pub struct StatsApi(reqwest::Client);

impl StatsApi {
    pub async fn report(&self, count: i64) -> anyhow::Result<()> {
        self.0.post("http://stats").body(count.to_string()).send().await?;
        Ok(())
    }
}
