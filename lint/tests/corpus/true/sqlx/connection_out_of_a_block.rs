// An async block prepares the connection and gives it out, with a time limit on both.
use std::time::Duration;

use sqlx::PgPool;
use tokio::time::timeout;

pub async fn export(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let prepare = async {
        let mut conn = pool.acquire().await?;
        sqlx::query("SET statement_timeout = '5s'").execute(&mut *conn).await?;
        anyhow::Ok(conn)
    };
    let mut conn = timeout(Duration::from_secs(2), prepare).await??;
    let rows: Vec<String> =
        sqlx::query_scalar("SELECT line FROM export").fetch_all(&mut *conn).await?;
    http.post("https://archive.test/").json(&rows).send().await?; //~ SA001
    sqlx::query("DELETE FROM export").execute(&mut *conn).await?;
    Ok(())
}
