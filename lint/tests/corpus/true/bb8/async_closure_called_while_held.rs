// An async closure hides the remote call.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn notify(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    http: &reqwest::Client,
) -> anyhow::Result<()> {
    let send = async |url: &str| {
        http.post(url).send().await?.error_for_status()?;
        anyhow::Ok(())
    };
    let conn = pool.get().await?;
    let row = conn.query_one("SELECT url FROM hooks LIMIT 1", &[]).await?;
    send(row.get(0)).await?; //~ SA001
    conn.execute("UPDATE hooks SET called = now()", &[]).await?;
    Ok(())
}
