// A trait's associated client type is held over a message to a broker.
use async_trait::async_trait;
use deadpool_postgres::{Object, Pool};

#[async_trait]
pub trait Backend: Send + Sync {
    type Conn: Send;

    async fn connect(&self) -> anyhow::Result<Self::Conn>;
    async fn save(&self, conn: &Self::Conn, text: &str) -> anyhow::Result<()>;
}

pub struct Postgres(Pool);

#[async_trait]
impl Backend for Postgres {
    type Conn = Object;

    async fn connect(&self) -> anyhow::Result<Object> {
        Ok(self.0.get().await?)
    }

    async fn save(&self, conn: &Object, text: &str) -> anyhow::Result<()> {
        conn.execute("INSERT INTO notes (text) VALUES ($1)", &[&text]).await?;
        Ok(())
    }
}

pub async fn note(backend: &Postgres, bus: &async_nats::Client, text: &str) -> anyhow::Result<()> {
    let conn = backend.connect().await?;
    bus.publish("notes", text.to_owned().into()).await?; //~ SA001
    backend.save(&conn, text).await
}
