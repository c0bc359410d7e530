// A gRPC method scopes its connection before it calls the next service.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;
use tonic::{Request, Response, Status, async_trait};

pub struct Orders {
    pool: Pool<PostgresConnectionManager<NoTls>>,
    tax: TaxClient<tonic::transport::Channel>,
}

impl Orders {
    async fn net(&self, order: i64) -> Result<(i64, String), Status> {
        let conn = self.pool.get().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let row = conn
            .query_one("SELECT net, country FROM orders WHERE id = $1", &[&order])
            .await
            .map_err(|error| Status::not_found(error.to_string()))?;
        Ok((row.get(0), row.get(1)))
    }
}

#[async_trait]
impl order_service_server::OrderService for Orders {
    async fn price(&self, request: Request<PriceRequest>) -> Result<Response<PriceReply>, Status> {
        let (net, country) = self.net(request.into_inner().order).await?;
        let rate = self.tax.clone().rate(RateRequest { country }).await?.into_inner().percent;
        Ok(Response::new(PriceReply { gross: net + net * rate / 100 }))
    }
}
