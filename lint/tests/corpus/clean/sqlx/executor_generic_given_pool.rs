// A generic executor function calls out, but is only ever given the pool.
use sqlx::{PgExecutor, PgPool};

pub async fn store_preview<'e, E: PgExecutor<'e>>(
    exec: E,
    previews: &Previews,
    link: i64,
    href: &str,
) -> anyhow::Result<()> {
    let title = previews.title(href).await?;
    sqlx::query("UPDATE links SET title = $1 WHERE id = $2")
        .bind(title)
        .bind(link)
        .execute(exec)
        .await?;
    Ok(())
}

pub async fn worker(pool: PgPool, previews: Previews) -> anyhow::Result<()> {
    let links: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, href FROM links WHERE title IS NULL").fetch_all(&pool).await?;
    for (id, href) in links {
        store_preview(&pool, &previews, id, &href).await?;
    }
    Ok(())
}

pub struct Previews {
    http: reqwest::Client,
}

impl Previews {
    async fn title(&self, href: &str) -> anyhow::Result<String> {
        Ok(self.http.get(href).send().await?.text().await?.lines().next().unwrap_or("").to_owned())
    }
}
