// An async closure that calls out is called while the connection is held.
use sqlx::PgPool;

pub async fn report(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let send = |text: String| async move {
        http.post("http://reports").body(text).send().await?;
        anyhow::Ok(())
    };
    let mut conn = pool.acquire().await?;
    let total: i64 = sqlx::query_scalar("SELECT count(*) FROM sales").fetch_one(&mut *conn).await?;
    send(format!("{total} sales")).await?; //~ SA001
    sqlx::query("UPDATE reports SET sent = true").execute(&mut *conn).await?;
    Ok(())
}
