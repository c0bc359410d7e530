// A client of its own is there as long as the task that drives it, and no pool misses it.
use std::sync::Arc;

use tokio::sync::watch;
use tokio_postgres::{Client, NoTls};

pub async fn stay_connected(
    address: &str,
    shared: Arc<tokio::sync::Mutex<Option<Arc<Client>>>>,
    ready: watch::Sender<bool>,
) -> Result<(), tokio_postgres::Error> {
    loop {
        let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
        let client = Arc::new(client);
        let driver = tokio::spawn(connection);
        client.batch_execute("LISTEN doorbells").await?;
        *shared.lock().await = Some(client.clone());
        let _ = ready.send(true);
        let _ = driver.await;
        *shared.lock().await = None;
        let _ = ready.send(false);
    }
}
