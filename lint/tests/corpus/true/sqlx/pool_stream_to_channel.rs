// A task streams from the pool into a bounded channel, as slow as the reader of the channel.
use futures::TryStreamExt;
use sqlx::SqlitePool;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

pub fn lines(pool: SqlitePool) -> ReceiverStream<Result<String, sqlx::Error>> {
    let (tx, rx) = mpsc::channel(16);
    tokio::spawn(async move {
        let mut rows = sqlx::query_scalar::<_, String>("SELECT line FROM log").fetch(&pool);
        while let Ok(Some(line)) = rows.try_next().await {
            if tx.send(Ok(line)).await.is_err() { //~ SA007
                break;
            }
        }
    });
    ReceiverStream::new(rx)
}
