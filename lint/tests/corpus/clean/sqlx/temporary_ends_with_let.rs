// The temporary connection ends with its let statement, before the match.
use sqlx::PgPool;

pub async fn title(pool: &PgPool, http: &reqwest::Client, isbn: &str) -> anyhow::Result<String> {
    let found = sqlx::query_scalar::<_, String>("SELECT title FROM books WHERE isbn = $1")
        .bind(isbn)
        .fetch_optional(&mut *pool.acquire().await?)
        .await?;
    match found {
        Some(title) => Ok(title),
        None => Ok(http.get(format!("http://isbn/{isbn}")).send().await?.text().await?),
    }
}
