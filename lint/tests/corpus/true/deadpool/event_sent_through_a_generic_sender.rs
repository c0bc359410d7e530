// The client outlives its transaction, and the sender is a generic that some implementors give a connection.
use deadpool_postgres::{Client, Pool};

#[async_trait::async_trait]
pub trait Sender {
    async fn deliver(&self, event: Event) -> Result<(), Failure>;
}

pub struct KafkaSender {
    producer: FutureProducer,
}

#[async_trait::async_trait]
impl Sender for KafkaSender {
    async fn deliver(&self, event: Event) -> Result<(), Failure> {
        self.producer.send(event.record()).await?;
        Ok(())
    }
}

pub struct OutboxSender {
    client: Client,
}

#[async_trait::async_trait]
impl Sender for OutboxSender {
    async fn deliver(&self, event: Event) -> Result<(), Failure> {
        self.client.execute("INSERT INTO outbox (id) VALUES ($1)", &[&event.id]).await?;
        Ok(())
    }
}

pub struct Registry<S: Sender> {
    pool: Pool,
    sender: S,
}

impl<S: Sender> Registry<S> {
    pub async fn enrol(&self, id: i64) -> Result<(), Failure> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        tx.execute("INSERT INTO members (id) VALUES ($1)", &[&id]).await?;
        tx.commit().await?;
        self.sender.deliver(Event { id }).await?; //~ SA001
        Ok(())
    }
}

pub struct Event {
    id: i64,
}
