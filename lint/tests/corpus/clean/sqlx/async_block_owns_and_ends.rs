// An async block that takes and ends its own connection is awaited before the remote call.
use sqlx::PgPool;

pub async fn digest(pool: PgPool, http: reqwest::Client) -> anyhow::Result<()> {
    let load = async {
        let mut conn = pool.acquire().await?;
        sqlx::query_scalar::<_, String>("SELECT text FROM news ORDER BY id DESC LIMIT 10")
            .fetch_all(&mut *conn)
            .await
    };
    let news = load.await?;
    http.post("http://digest").body(news.join("\n")).send().await?;
    Ok(())
}
