// A gRPC method holds its connection while it calls the next service.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;
use tonic::{Request, Response, Status, async_trait};

pub struct Orders {
    pool: Pool<PostgresConnectionManager<NoTls>>,
    tax: TaxClient<tonic::transport::Channel>,
}

#[async_trait]
impl order_service_server::OrderService for Orders {
    async fn price(&self, request: Request<PriceRequest>) -> Result<Response<PriceReply>, Status> {
        let order = request.into_inner().order;
        let conn = self.pool.get().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let row = conn
            .query_one("SELECT net, country FROM orders WHERE id = $1", &[&order])
            .await
            .map_err(|error| Status::not_found(error.to_string()))?;
        let net: i64 = row.get(0);
        let rate = self
            .tax
            .clone()
            .rate(RateRequest { country: row.get(1) })
            .await? //~ SA001
            .into_inner()
            .percent;
        conn.execute("UPDATE orders SET tax = $1 WHERE id = $2", &[&(net * rate / 100), &order])
            .await
            .map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(PriceReply { gross: net + net * rate / 100 }))
    }
}
