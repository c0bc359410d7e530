// A pool of the code base gives permits for sockets; where its type is not known, its name alone says little.
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub struct SocketPool {
    places: std::sync::Arc<Semaphore>,
}

impl SocketPool {
    pub async fn acquire(&self) -> anyhow::Result<OwnedSemaphorePermit> {
        Ok(self.places.clone().acquire_owned().await?)
    }
}

pub async fn open(accessor: &engine::Accessor, url: &str) -> anyhow::Result<engine::Socket> {
    let (info, pool) = accessor.with(|store| (store.info(), store.sockets()));
    let permit = pool.acquire().await?;
    let socket = engine::connect(url, info).await?;
    Ok(socket.keeping(permit))
}
