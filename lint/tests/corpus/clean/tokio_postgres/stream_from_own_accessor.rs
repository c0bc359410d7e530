// A method of the accessor gives a stream that reads from the accessor's connection.
use std::pin::Pin;

use futures::{Stream, TryStreamExt};
use tokio_postgres::{Client, Row};

#[async_trait::async_trait]
pub trait Tariffs {
    async fn list(
        &self,
        zone: &str,
    ) -> Result<Pin<Box<dyn Stream<Item = Result<Row, tokio_postgres::Error>> + Send>>, Failure>;

    async fn first(&self, zone: &str) -> Result<Option<Row>, Failure> {
        Ok(self.list(zone).await?.try_next().await?)
    }
}

pub struct LentTariffs<'c> {
    client: &'c Client,
}

#[async_trait::async_trait]
impl Tariffs for LentTariffs<'_> {
    async fn list(
        &self,
        zone: &str,
    ) -> Result<Pin<Box<dyn Stream<Item = Result<Row, tokio_postgres::Error>> + Send>>, Failure> {
        let rows = self.client.query_raw("SELECT * FROM tariffs WHERE zone = $1", [zone]).await?;
        Ok(Box::pin(rows))
    }
}

pub async fn cheapest(pool: &deadpool_postgres::Pool, zone: &str) -> Result<Option<Row>, Failure> {
    let client = pool.get().await?;
    let tariffs = LentTariffs { client: &client };
    tariffs.first(zone).await
}

pub struct Failure;
