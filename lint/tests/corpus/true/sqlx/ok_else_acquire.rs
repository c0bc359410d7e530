// The connection goes through ok(), context() and a let-else before it is held.
use anyhow::Context;
use sqlx::PgPool;

pub async fn archive(pool: &PgPool, glacier: &Glacier, year: i32) -> anyhow::Result<()> {
    let Some(mut conn) = pool.acquire().await.ok() else {
        anyhow::bail!("no connection");
    };
    let rows: Vec<String> = sqlx::query_scalar("SELECT line FROM ledger WHERE year = $1")
        .bind(year)
        .fetch_all(&mut *conn)
        .await
        .with_context(|| format!("ledger of {year}"))?;
    let id = glacier.store(rows).await.context("glacier")?; //~ SA001
    sqlx::query("INSERT INTO archives (year, id) VALUES ($1, $2)")
        .bind(year)
        .bind(id)
        .execute(&mut *conn)
        .await?;
    Ok(())
}

pub struct Glacier(reqwest::Client);

impl Glacier {
    pub async fn store(&self, rows: Vec<String>) -> anyhow::Result<String> {
        Ok(self.0.post("http://glacier").body(rows.join("\n")).send().await?.text().await?)
    }
}
