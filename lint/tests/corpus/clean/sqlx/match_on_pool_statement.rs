// The scrutinee runs on the pool and gives its connection back before the arms.
use sqlx::PgPool;

pub async fn title(pool: &PgPool, http: &reqwest::Client, isbn: &str) -> anyhow::Result<String> {
    match sqlx::query_scalar::<_, String>("SELECT title FROM books WHERE isbn = $1")
        .bind(isbn)
        .fetch_optional(pool)
        .await?
    {
        Some(title) => Ok(title),
        None => Ok(http.get(format!("http://isbn/{isbn}")).send().await?.text().await?),
    }
}
