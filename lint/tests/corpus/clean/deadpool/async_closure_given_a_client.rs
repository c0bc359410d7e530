// A helper lends a client to a closure for its statements, and has it back before the call.
use deadpool_postgres::{Client, Pool};
use tokio_postgres::{Error, Row};

async fn with_client<T>(
    pool: &Pool,
    body: impl AsyncFnOnce(&Client) -> Result<T, Error>,
) -> anyhow::Result<T> {
    let client = pool.get().await?;
    Ok(body(&client).await?)
}

pub async fn mirror(pool: &Pool, http: &reqwest::Client) -> anyhow::Result<()> {
    let rows: Vec<Row> =
        with_client(pool, async |client| client.query("SELECT url FROM pages", &[]).await).await?;
    for row in &rows {
        http.get(row.get::<_, &str>(0)).send().await?;
    }
    Ok(())
}
