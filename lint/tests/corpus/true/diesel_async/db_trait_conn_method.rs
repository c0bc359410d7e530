// A Database trait hands out connections, and a gRPC method keeps one while it notifies.
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::bb8};
use tonic::{Request, Response, Status};

use crate::schema::nodes;

pub type Conn<'a> = bb8::PooledConnection<'a, AsyncPgConnection>;

#[tonic::async_trait]
pub trait Database: Send + Sync {
    async fn conn(&self) -> Result<Conn<'_>, Status>;
}

pub struct Grpc<D> {
    db: D,
    mqtt: rumqttc::AsyncClient,
}

impl<D: Database> Grpc<D> {
    pub async fn restart(&self, request: Request<RestartNode>) -> Result<Response<()>, Status> {
        let node = request.into_inner().node;
        let mut conn = self.db.conn().await?;
        let topic: String = nodes::table
            .find(node)
            .select(nodes::topic)
            .first(&mut conn)
            .await
            .map_err(|_| Status::not_found("node"))?;
        self.mqtt
            .publish(topic, rumqttc::QoS::AtLeastOnce, false, "restart")
            .await //~ SA001
            .map_err(|error| Status::internal(error.to_string()))?;
        Ok(Response::new(()))
    }
}
