// What the service sets when it starts is no connection, and the election may or may not keep one.
use std::net::SocketAddr;
use std::sync::Arc;

use deadpool_postgres::Client;
use tokio::sync::{Mutex, mpsc};

#[async_trait::async_trait]
pub trait Ballot: Send + Sync {
    async fn leads(&self) -> bool;
}

pub struct SqlBallot {
    client: Mutex<Option<Client>>,
}

#[async_trait::async_trait]
impl Ballot for SqlBallot {
    async fn leads(&self) -> bool {
        self.client.lock().await.is_some()
    }
}

pub struct AloneBallot;

#[async_trait::async_trait]
impl Ballot for AloneBallot {
    async fn leads(&self) -> bool {
        true
    }
}

pub struct Chair {
    ballot: Option<Arc<dyn Ballot>>,
    stop: mpsc::Sender<()>,
    address: Option<SocketAddr>,
}

impl Chair {
    pub fn new(ballot: Arc<dyn Ballot>, stop: mpsc::Sender<()>) -> Chair {
        Chair { ballot: Some(ballot), stop, address: None }
    }

    pub async fn start(&mut self, address: SocketAddr) -> std::io::Result<()> {
        let listener = tokio::net::TcpListener::bind(address).await?;
        self.address = Some(listener.local_addr()?);
        Ok(())
    }

    pub async fn stop(&self) -> anyhow::Result<()> {
        self.stop.send(()).await?;
        Ok(())
    }
}

pub async fn preside(mut chair: Chair, address: SocketAddr) -> anyhow::Result<()> {
    chair.start(address).await?;
    tokio::signal::ctrl_c().await?;
    chair.stop().await
}
