// There is no transaction in the branch for the one that did not begin.
use sqlx::PgPool;

pub async fn close_month(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let Ok(mut tx) = pool.begin().await else {
        http.post("http://pager").body("no database").send().await?;
        anyhow::bail!("no database");
    };
    sqlx::query("UPDATE months SET closed = true").execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
