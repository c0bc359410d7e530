// The helper's name is that of a method which streams; what it gives is a row, and the connection waits.
use sqlx::{PgConnection, PgPool};

async fn fetch(conn: &mut PgConnection, id: i64) -> sqlx::Result<String> {
    sqlx::query_scalar("SELECT url FROM hooks WHERE id = $1").bind(id).fetch_one(conn).await
}

async fn post(http: &reqwest::Client, url: &str) -> reqwest::Result<()> {
    http.post(url).send().await?.error_for_status().map(drop)
}

pub async fn call(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let url = fetch(&mut tx, id).await?;
    post(http, &url).await?; //~ SA001
    sqlx::query("UPDATE hooks SET called = now() WHERE id = $1").bind(id).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
