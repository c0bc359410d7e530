// A gRPC stream's task keeps the pool's stream open while it sends to the client.
use futures::StreamExt;
use sqlx::PgPool;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

pub struct Export {
    pool: PgPool,
}

#[tonic::async_trait]
impl export_server::Export for Export {
    type LinesStream = ReceiverStream<Result<Line, Status>>;

    async fn lines(&self, _: Request<LinesRequest>) -> Result<Response<Self::LinesStream>, Status> {
        let (tx, rx) = mpsc::channel(4);
        let pool = self.pool.clone();
        tokio::spawn(async move {
            let mut rows = sqlx::query_scalar::<_, String>("SELECT line FROM lines").fetch(&pool);
            while let Some(row) = rows.next().await {
                let message = row
                    .map(|text| Line { text })
                    .map_err(|error| Status::internal(error.to_string()));
                if tx.send(message).await.is_err() { //~ SA007
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(rx)))
    }
}
