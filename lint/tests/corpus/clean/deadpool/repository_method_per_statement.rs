// Each repository method takes and gives back its own client, and the service calls out between them.
use async_trait::async_trait;
use deadpool_postgres::{Client, Pool, PoolError};

#[async_trait]
pub trait Devices: Send + Sync {
    async fn address(&self, id: i64) -> Result<String, RepoError>;
    async fn mark_online(&self, id: i64, online: bool) -> Result<(), RepoError>;
}

pub struct PgDevices {
    pool: Pool,
}

impl PgDevices {
    async fn client(&self) -> Result<Client, PoolError> {
        self.pool.get().await
    }
}

#[async_trait]
impl Devices for PgDevices {
    async fn address(&self, id: i64) -> Result<String, RepoError> {
        let client = self.client().await?;
        Ok(client.query_one("SELECT address FROM devices WHERE id = $1", &[&id]).await?.get(0))
    }

    async fn mark_online(&self, id: i64, online: bool) -> Result<(), RepoError> {
        self.client()
            .await?
            .execute("UPDATE devices SET online = $1 WHERE id = $2", &[&online, &id])
            .await?;
        Ok(())
    }
}

pub async fn check(devices: &dyn Devices, id: i64) -> Result<bool, RepoError> {
    let address = devices.address(id).await?;
    let online = tokio::net::TcpStream::connect(&address).await.is_ok();
    devices.mark_online(id, online).await?;
    Ok(online)
}
