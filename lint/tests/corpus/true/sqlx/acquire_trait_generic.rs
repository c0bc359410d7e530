// A function over impl Acquire takes the connection and waits for a spam filter with it.
use sqlx::{Acquire, Postgres};

pub async fn post_comment<'a>(
    db: impl Acquire<'a, Database = Postgres>,
    spam: &SpamFilter,
    text: &str,
) -> anyhow::Result<i64> {
    let mut conn = db.acquire().await?;
    let id = sqlx::query_scalar("INSERT INTO comments (text) VALUES ($1) RETURNING id")
        .bind(text)
        .fetch_one(&mut *conn)
        .await?;
    let score = spam.score(text).await?; //~ SA001
    sqlx::query("UPDATE comments SET spam = $1 WHERE id = $2")
        .bind(score)
        .bind(id)
        .execute(&mut *conn)
        .await?;
    Ok(id)
}

pub struct SpamFilter(reqwest::Client);

impl SpamFilter {
    pub async fn score(&self, text: &str) -> anyhow::Result<f64> {
        Ok(self.0.post("http://spam").body(text.to_owned()).send().await?.json().await?)
    }
}
