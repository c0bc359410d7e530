// A store opens its clients at start and keeps them in a list: a pool that is made by hand.
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::{Client, Error, NoTls};

pub struct Store {
    clients: Vec<Arc<Mutex<Client>>>,
}

impl Store {
    pub async fn open(url: &str, size: usize) -> Result<Store, Error> {
        let mut clients = Vec::with_capacity(size);
        for _ in 0..size {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::error!(%error, "connection");
                }
            });
            clients.push(Arc::new(Mutex::new(client)));
        }
        Ok(Store { clients })
    }
}
