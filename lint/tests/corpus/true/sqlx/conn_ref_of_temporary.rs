// A reference to a fresh guard keeps it alive to the end of the block.
use sqlx::PgPool;

pub async fn thumbnail(pool: &PgPool, media: &MediaProxy, post: i64) -> anyhow::Result<String> {
    let conn = &mut *pool.acquire().await?;
    let url: String = sqlx::query_scalar("SELECT url FROM posts WHERE id = $1")
        .bind(post)
        .fetch_one(&mut *conn)
        .await?;
    let proxied = media.proxy(&url).await?; //~ SA001
    sqlx::query("UPDATE posts SET thumbnail = $1 WHERE id = $2")
        .bind(&proxied)
        .bind(post)
        .execute(conn)
        .await?;
    Ok(proxied)
}

pub struct MediaProxy {
    http: reqwest::Client,
}

impl MediaProxy {
    pub async fn proxy(&self, url: &str) -> anyhow::Result<String> {
        Ok(self
            .http
            .post("http://pictrs/download")
            .query(&[("url", url)])
            .send()
            .await?
            .text()
            .await?)
    }
}
