// The first arm takes the connection under a condition: in the second one, the scrutinee may still hold it.
use sqlx::{PgConnection, PgPool};

async fn mark(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("UPDATE parts SET seen = true").execute(conn).await.map(drop)
}

pub async fn run(pool: &PgPool, http: &reqwest::Client, wanted: bool) -> anyhow::Result<()> {
    match pool.acquire().await {
        Ok(mut conn) if wanted => mark(&mut conn).await?,
        _ => drop(http.post("https://alarm.test/").send().await?), //~ SA009
    }
    Ok(())
}
