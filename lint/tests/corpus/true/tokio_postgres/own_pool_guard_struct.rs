// The code base has a pool of its own, whose guard is held across a call to a mapping service.
use std::ops::Deref;
use std::sync::Arc;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio_postgres::Client;

pub struct ClientPool {
    idle: Mutex<Vec<Client>>,
    permits: Arc<Semaphore>,
    dsn: String,
}

pub struct PooledClient {
    client: Option<Client>,
    _permit: OwnedSemaphorePermit,
}

impl Deref for PooledClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client.as_ref().expect("present until drop")
    }
}

impl ClientPool {
    pub async fn checkout(&self) -> anyhow::Result<PooledClient> {
        let permit = self.permits.clone().acquire_owned().await?;
        let client = match self.idle.lock().await.pop() {
            Some(client) => client,
            None => {
                let (client, connection) =
                    tokio_postgres::connect(&self.dsn, tokio_postgres::NoTls).await?;
                tokio::spawn(connection);
                client
            }
        };
        Ok(PooledClient { client: Some(client), _permit: permit })
    }
}

pub async fn route(pool: &ClientPool, maps: &Maps, tour: i64) -> anyhow::Result<f64> {
    let db = pool.checkout().await?;
    let stops = db.query("SELECT lat, lon FROM stops WHERE tour = $1", &[&tour]).await?;
    let points = stops.iter().map(|row| (row.get(0), row.get(1))).collect();
    let metres = maps.distance(points).await?; //~ SA001
    db.execute("UPDATE tours SET metres = $1 WHERE id = $2", &[&metres, &tour]).await?;
    Ok(metres)
}

pub struct Maps(reqwest::Client);

impl Maps {
    pub async fn distance(&self, points: Vec<(f64, f64)>) -> anyhow::Result<f64> {
        Ok(self.0.post("http://maps/distance").json(&points).send().await?.json().await?)
    }
}
