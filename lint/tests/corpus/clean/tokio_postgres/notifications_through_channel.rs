// A forwarding task polls the connection; the function gives the client and the channel to its caller.
use futures::{StreamExt, stream};
use tokio::sync::mpsc::{self, UnboundedReceiver};
use tokio_postgres::{AsyncMessage, Client, NoTls};

pub async fn listen(dsn: &str) -> anyhow::Result<(Client, UnboundedReceiver<AsyncMessage>)> {
    let (messages, heard) = mpsc::unbounded_channel();
    let (client, mut connection) = tokio_postgres::connect(dsn, NoTls).await?;
    let mut notices = stream::poll_fn(move |cx| connection.poll_message(cx));
    tokio::spawn(async move {
        while let Some(Ok(message)) = notices.next().await {
            if messages.send(message).is_err() {
                break;
            }
        }
    });
    client.batch_execute("LISTEN jobs").await?;
    Ok((client, heard))
}
