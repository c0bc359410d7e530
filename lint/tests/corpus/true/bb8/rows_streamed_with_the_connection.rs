// A generator owns the connection whose rows it yields, so that it lives as long as the response.
use async_stream::stream;
use bb8::PooledConnection;
use bb8_postgres::PostgresConnectionManager;
use futures::{Stream, StreamExt};
use tokio_postgres::{NoTls, Row};

type Conn = PooledConnection<'static, PostgresConnectionManager<NoTls>>;

pub fn read(conn: Conn, sql: String) -> impl Stream<Item = anyhow::Result<Row>> {
    stream! {
        let rows = match conn.query_raw(&sql, Vec::<i32>::new()).await {
            Ok(rows) => rows,
            Err(_) => return,
        };
        let mut rows = rows.boxed();
        while let Some(row) = rows.next().await {
            yield row.map_err(anyhow::Error::from); //~ SA010
        }
    }
}
