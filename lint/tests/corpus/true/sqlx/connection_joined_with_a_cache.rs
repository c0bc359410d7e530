// The connection is taken while something else is read, and then held across the mail.
use sqlx::PgPool;

async fn template() -> sqlx::Result<String> {
    tokio::fs::read_to_string("welcome.txt").await.map_err(sqlx::Error::Io)
}

pub async fn welcome(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let (mut tx, text) = tokio::try_join!(pool.begin(), template())?;
    sqlx::query("UPDATE users SET welcomed = true WHERE id = $1").bind(id).execute(&mut *tx).await?;
    http.post("https://mail.test/").body(text).send().await?; //~ SA001
    tx.commit().await?;
    Ok(())
}
