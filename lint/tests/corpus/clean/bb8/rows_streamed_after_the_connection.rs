// The rows of a query are streamed to the caller; the connection that ran it belongs to whoever called.
use async_stream::stream;
use bb8::PooledConnection;
use bb8_postgres::PostgresConnectionManager;
use futures::{Stream, StreamExt};
use tokio_postgres::{NoTls, Row};

pub struct Reader {
    conn: PooledConnection<'static, PostgresConnectionManager<NoTls>>,
}

impl Reader {
    pub async fn read(&self, sql: &str) -> anyhow::Result<impl Stream<Item = anyhow::Result<Row>>> {
        let rows = self.conn.query_raw(sql, Vec::<i32>::new()).await?;
        let mut chunks = rows.boxed();
        Ok(stream! {
            while let Some(row) = chunks.next().await {
                yield row.map_err(anyhow::Error::from);
            }
        })
    }
}
