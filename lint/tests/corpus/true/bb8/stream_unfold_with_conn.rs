// An async generator pages through a table with one connection for the whole response.
use async_stream::stream;
use axum::response::sse::{Event, KeepAlive, Sse};
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use futures::Stream;
use std::convert::Infallible;
use tokio_postgres::NoTls;

pub fn tail(
    pool: Pool<PostgresConnectionManager<NoTls>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream! {
        let Ok(conn) = pool.get().await else { return };
        let mut last = 0i64;
        while let Ok(rows) = conn.query("SELECT id, line FROM log WHERE id > $1", &[&last]).await {
            for row in rows {
                last = row.get(0);
                yield Ok(Event::default().data(row.get::<_, String>(1))); //~ SA010
            }
        }
    };
    Sse::new(events).keep_alive(KeepAlive::default())
}
