// A handler of tonic charges at another service while it holds the order's row.
use sqlx::PgPool;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

use crate::proto::payments_client::PaymentsClient;
use crate::proto::{ChargeRequest, OrderReply, OrderRequest};

pub struct Orders {
    pool: PgPool,
    payments: PaymentsClient<Channel>,
}

#[tonic::async_trait]
impl crate::proto::orders_server::Orders for Orders {
    async fn place(&self, request: Request<OrderRequest>) -> Result<Response<OrderReply>, Status> {
        let order = request.into_inner();
        let mut tx = self.pool.begin().await.map_err(internal)?;
        sqlx::query("INSERT INTO orders (id, total) VALUES ($1, $2)")
            .bind(order.id)
            .bind(order.total)
            .execute(&mut *tx)
            .await
            .map_err(internal)?;
        let mut payments = self.payments.clone();
        let charge = ChargeRequest { order: order.id, amount: order.total };
        let paid = payments.charge(Request::new(charge)).await?.into_inner(); //~ SA001
        sqlx::query("UPDATE orders SET receipt = $1 WHERE id = $2")
            .bind(paid.receipt)
            .bind(order.id)
            .execute(&mut *tx)
            .await
            .map_err(internal)?;
        tx.commit().await.map_err(internal)?;
        Ok(Response::new(OrderReply { id: order.id }))
    }
}

fn internal(error: sqlx::Error) -> Status {
    Status::internal(error.to_string())
}
