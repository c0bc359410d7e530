// A COPY inside a transaction goes at the pace of the client that uploads.
use bytes::Bytes;
use futures::{SinkExt, Stream, StreamExt, pin_mut};
use tokio_postgres::Client;

pub async fn load<S, E>(client: &mut Client, mut upload: S) -> anyhow::Result<u64>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + Send + Sync + 'static,
{
    let tx = client.transaction().await?;
    let sink = tx.copy_in("COPY staging FROM STDIN (FORMAT csv)").await?;
    pin_mut!(sink);
    while let Some(chunk) = upload.next().await { //~ SA001
        sink.send(chunk?).await?;
    }
    let rows = sink.finish().await?;
    tx.commit().await?;
    Ok(rows)
}
