// The connection moves into a worker, and a collection of the workspace waits for its workers.
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

    fn give_back(self, to: &mut Option<Object<AsyncPgConnection>>) {
        *to = Some(self.conn);
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

pub struct Copy {
    conn: Option<Object<AsyncPgConnection>>,
}

impl Copy {
    fn worker(&mut self) -> Option<Work> {
        let conn = self.conn.take()?;
        Some(Box::pin(Worker { conn }.run()))
    }

    async fn copy(&mut self) -> anyhow::Result<()> {
        let mut workers = Workers::default();
        if let Some(work) = self.worker() {
            workers.add(work);
        }
        let worker = workers.next().await;
        worker.give_back(&mut self.conn);
        Ok(())
    }
}

pub async fn copy_all(pool: &Pool<AsyncPgConnection>) -> anyhow::Result<()> {
    let mut copy = Copy { conn: Some(pool.get().await?) };
    copy.copy().await
}
