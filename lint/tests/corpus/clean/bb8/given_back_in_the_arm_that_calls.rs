// One arm gives the connection back and calls out, the other one writes.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn settle(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    http: &reqwest::Client,
    id: i64,
) -> anyhow::Result<()> {
    let conn = pool.get().await?;
    let row = conn.query_one("SELECT remote FROM bills WHERE id = $1", &[&id]).await?;
    match row.get::<_, Option<String>>(0) {
        Some(url) => {
            drop(conn);
            http.post(url).json(&id).send().await?;
        }
        None => {
            conn.execute("UPDATE bills SET settled = true WHERE id = $1", &[&id]).await?;
        }
    }
    Ok(())
}
