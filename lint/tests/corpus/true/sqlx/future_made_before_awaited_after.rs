// The remote future is created before the connection and awaited while the connection is held.
use sqlx::PgPool;

pub async fn enrich(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let profile = http.get(format!("https://people.internal/{id}")).send();
    let mut conn = pool.acquire().await?;
    sqlx::query("UPDATE people SET refreshing = true WHERE id = $1")
        .bind(id)
        .execute(&mut *conn)
        .await?;
    let profile = profile.await?; //~ SA001
    let name = profile.text().await?; //~ SA001
    sqlx::query("UPDATE people SET name = $1, refreshing = false WHERE id = $2")
        .bind(name)
        .bind(id)
        .execute(&mut *conn)
        .await?;
    Ok(())
}
