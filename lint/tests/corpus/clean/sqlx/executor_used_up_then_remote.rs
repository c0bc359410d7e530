// The same on the pool: the statement gives its connection back.
use sqlx::{Executor, PgPool, Postgres};

async fn recipe<'e, E>(executor: E, http: &reqwest::Client) -> anyhow::Result<String>
where
    E: Executor<'e, Database = Postgres>,
{
    let url: String = sqlx::query_scalar("SELECT url FROM recipes").fetch_one(executor).await?;
    Ok(http.get(url).send().await?.text().await?)
}

pub async fn cook(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let text = recipe(pool, http).await?;
    sqlx::query("INSERT INTO meals (text) VALUES ($1)").bind(text).execute(pool).await?;
    Ok(())
}
