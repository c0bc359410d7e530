// The code base's own pool is asked for a second client while the first is still in scope.
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_postgres::{Client, NoTls};

pub struct ClientPool {
    idle: Arc<Mutex<Vec<Client>>>,
    permits: Arc<Semaphore>,
    dsn: String,
}

pub struct PooledClient {
    client: Option<Client>,
    idle: Arc<Mutex<Vec<Client>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for PooledClient {
    fn drop(&mut self) {
        if let (Some(client), Ok(mut idle)) = (self.client.take(), self.idle.lock()) {
            idle.push(client);
        }
    }
}

impl Deref for PooledClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client.as_ref().expect("present until drop")
    }
}

impl DerefMut for PooledClient {
    fn deref_mut(&mut self) -> &mut Client {
        self.client.as_mut().expect("present until drop")
    }
}

impl ClientPool {
    pub async fn get(&self) -> anyhow::Result<PooledClient> {
        let permit = Arc::clone(&self.permits).acquire_owned().await?;
        let idle = self.idle.lock().expect("not poisoned").pop();
        let client = match idle {
            Some(client) => client,
            None => {
                let (client, connection) = tokio_postgres::connect(&self.dsn, NoTls).await?;
                tokio::spawn(connection);
                client
            }
        };
        Ok(PooledClient { client: Some(client), idle: Arc::clone(&self.idle), _permit: permit })
    }
}

pub async fn backfill(pool: &ClientPool) -> anyhow::Result<u64> {
    let db = pool.get().await?;
    let missing = db.query("SELECT sha FROM commits WHERE parent IS NULL", &[]).await?;
    let mut db = pool.get().await?; //~ SA002
    let tx = db.transaction().await?;
    let mut filled = 0;
    for row in &missing {
        let sha: String = row.get(0);
        filled += tx.execute("UPDATE commits SET parent = '' WHERE sha = $1", &[&sha]).await?;
    }
    tx.commit().await?;
    Ok(filled)
}
