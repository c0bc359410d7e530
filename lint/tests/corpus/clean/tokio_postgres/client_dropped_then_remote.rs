// A client opened for one statement is dropped before the remote call.
use tokio_postgres::NoTls;

pub async fn version_report(dsn: &str, http: &reqwest::Client) -> anyhow::Result<()> {
    let (client, connection) = tokio_postgres::connect(dsn, NoTls).await?;
    let driver = tokio::spawn(connection);
    let version: String = client.query_one("SELECT version()", &[]).await?.get(0);
    drop(client);
    driver.await??;
    http.post("http://versions").body(version).send().await?;
    Ok(())
}
