// A COPY sink of the transaction is fed from memory.
use bytes::Bytes;
use futures::{SinkExt, pin_mut};
use tokio_postgres::{Client, Error};

pub async fn load(client: &mut Client, lines: &[String]) -> Result<u64, Error> {
    let tx = client.transaction().await?;
    let sink = tx.copy_in("COPY staging FROM STDIN").await?;
    pin_mut!(sink);
    for line in lines {
        sink.send(Bytes::from(format!("{line}\n"))).await?;
    }
    let rows = sink.finish().await?;
    tx.commit().await?;
    Ok(rows)
}
