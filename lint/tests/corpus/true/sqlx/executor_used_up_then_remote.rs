// The executor is used up by its statement, but the caller lends the transaction for the whole call.
use sqlx::{Executor, PgPool, Postgres};

async fn recipe<'e, E>(executor: E, http: &reqwest::Client) -> anyhow::Result<String>
where
    E: Executor<'e, Database = Postgres>,
{
    let url: String = sqlx::query_scalar("SELECT url FROM recipes").fetch_one(executor).await?;
    Ok(http.get(url).send().await?.text().await?) //~ SA001 SA001
}

pub async fn cook(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let text = recipe(&mut *tx, http).await?;
    sqlx::query("INSERT INTO meals (text) VALUES ($1)").bind(text).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
