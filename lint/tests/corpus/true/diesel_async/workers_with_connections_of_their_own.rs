// Workers that were never given the connection are waited for while it is held.
use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use futures::future::select_all;
use std::future::Future;
use std::pin::Pin;

type Work = Pin<Box<dyn Future<Output = Worker> + Send>>;

pub struct Worker {
    conn: Object<AsyncPgConnection>,
}

impl Worker {
    async fn run(mut self) -> Self {
        let _ = diesel_async::SimpleAsyncConnection::batch_execute(&mut self.conn, "SELECT 1").await;
        self
    }
}

#[derive(Default)]
struct Workers {
    futures: Vec<Work>,
}

impl Workers {
    fn add(&mut self, work: Work) {
        self.futures.push(work);
    }

    async fn next(&mut self) -> Worker {
        let (worker, _, left) = select_all(std::mem::take(&mut self.futures)).await;
        self.futures = left;
        worker
    }
}

async fn nightly(pool: Pool<AsyncPgConnection>) -> Worker {
    Worker { conn: pool.get().await.expect("a connection") }.run().await
}

pub struct Copy {
    conn: Option<Object<AsyncPgConnection>>,
}

impl Copy {
    async fn copy(&mut self, pool: &Pool<AsyncPgConnection>) -> anyhow::Result<()> {
        let mut workers = Workers::default();
        workers.add(Box::pin(nightly(pool.clone())));
        workers.next().await; //~ SA002
        Ok(())
    }
}

pub async fn copy_all(pool: &Pool<AsyncPgConnection>) -> anyhow::Result<()> {
    let mut copy = Copy { conn: Some(pool.get().await?) };
    copy.copy(pool).await
}
