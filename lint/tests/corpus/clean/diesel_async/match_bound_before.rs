// The row is bound first, so the temporary connection is gone in the match.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};

use crate::schema::pages;

pub async fn page(
    pool: &Pool<AsyncPgConnection>,
    http: &reqwest::Client,
    slug: &str,
) -> anyhow::Result<String> {
    let cached: Option<String> = pages::table
        .filter(pages::slug.eq(slug))
        .select(pages::html)
        .first(&mut pool.get().await?)
        .await
        .optional()?;
    match cached {
        Some(html) => Ok(html),
        None => Ok(http.get(format!("http://origin/{slug}")).send().await?.text().await?),
    }
}
