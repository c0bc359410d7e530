// A COPY inside a transaction is collected first and uploaded after the commit.
use futures::TryStreamExt;
use tokio_postgres::Client;

pub async fn export(client: &mut Client) -> anyhow::Result<Vec<u8>> {
    let tx = client.transaction().await?;
    let copy = tx.copy_out("COPY facts TO STDOUT").await?;
    let chunks: Vec<bytes::Bytes> = copy.try_collect().await?;
    tx.commit().await?;
    Ok(chunks.concat())
}
