// A generator yields rows from a locked client to whoever reads the stream.
use async_stream::try_stream;
use futures::Stream;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::{Client, Error};

pub fn names(client: Arc<Mutex<Client>>) -> impl Stream<Item = Result<String, Error>> {
    try_stream! {
        let client = client.lock_owned().await;
        let mut offset = 0i64;
        loop {
            let rows = client.query("SELECT name FROM people ORDER BY id OFFSET $1 LIMIT 50", &[&offset]).await?;
            if rows.is_empty() {
                break;
            }
            offset += rows.len() as i64;
            for row in rows {
                yield row.get::<_, String>(0); //~ SA010
            }
        }
    }
}
