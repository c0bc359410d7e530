// The client moves into a context struct, which is then held across a gRPC call.
use deadpool_postgres::{Client, Pool};
use tonic::{Request, Response, Status};

pub struct JobContext {
    client: Client,
    job: i64,
}

impl JobContext {
    pub async fn finish(&self, result: &str) -> Result<(), tokio_postgres::Error> {
        self.client
            .execute("UPDATE jobs SET result = $1 WHERE id = $2", &[&result, &self.job])
            .await?;
        Ok(())
    }
}

pub struct Scheduler {
    pool: Pool,
    workers: WorkerClient<tonic::transport::Channel>,
}

impl Scheduler {
    pub async fn run(&self, job: i64) -> Result<(), Status> {
        let client = self.pool.get().await.map_err(|_| Status::unavailable("pool"))?;
        let context = JobContext { client, job };
        let mut workers = self.workers.clone();
        let reply = workers.execute(Request::new(RunJob { job })).await?; //~ SA001
        context
            .finish(&reply.into_inner().summary)
            .await
            .map_err(|error| Status::internal(error.to_string()))
    }
}
