// A wrapper of a transaction awaits statements that its methods make and pass on, pinned.
use std::future::Future;
use std::pin::{Pin, pin};

use deadpool_postgres::{Pool, Transaction};
use tokio_postgres::Row;

pub struct Work<'a> {
    raw: Transaction<'a>,
    retries: u32,
}

impl Work<'_> {
    async fn run<T>(
        &self,
        statement: Pin<&mut impl Future<Output = Result<T, tokio_postgres::Error>>>,
    ) -> Result<T, tokio_postgres::Error> {
        let result = statement.await;
        if result.is_err() {
            tracing::warn!(self.retries, "a statement failed");
        }
        result
    }

    pub async fn rows(&self) -> Result<Vec<Row>, tokio_postgres::Error> {
        self.run(pin!(self.raw.query("SELECT id FROM tasks", &[]))).await
    }
}

pub async fn count(pool: &Pool) -> Result<usize, Box<dyn std::error::Error>> {
    let mut client = pool.get().await?;
    let work = Work { raw: client.transaction().await?, retries: 0 };
    let rows = work.rows().await?;
    work.raw.commit().await?;
    Ok(rows.len())
}
