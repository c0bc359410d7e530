// The connection's driver is awaited in a task of its own, as the library wants it.
use tokio_postgres::{Client, NoTls};

pub async fn open(dsn: &str) -> anyhow::Result<Client> {
    let (client, connection) = tokio_postgres::connect(dsn, NoTls).await?;
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::error!(%error, "connection ended");
        }
    });
    client.batch_execute("SET application_name = 'reports'").await?;
    Ok(client)
}
