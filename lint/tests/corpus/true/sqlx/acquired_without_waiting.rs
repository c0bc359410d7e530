// Where a connection is free, it is taken without a wait, and held while a service answers.
use sqlx::PgPool;

pub async fn warm(pool: &PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    if let Some(mut conn) = pool.try_acquire() {
        let names = http.get("https://names.test").send().await?; //~ SA001
        sqlx::query("INSERT INTO t VALUES ($1)").bind(names.status().as_u16() as i32).execute(&mut *conn).await?;
    }
    Ok(())
}
