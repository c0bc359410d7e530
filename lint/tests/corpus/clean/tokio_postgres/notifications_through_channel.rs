// A forwarding task polls the connection for notices; the reader holds no transaction.
use futures::{StreamExt, stream};
use tokio::sync::mpsc;
use tokio_postgres::{AsyncMessage, NoTls};

pub async fn listen(dsn: &str, http: &reqwest::Client) -> anyhow::Result<()> {
    let (messages, mut heard) = mpsc::unbounded_channel();
    let (client, mut connection) = tokio_postgres::connect(dsn, NoTls).await?;
    let mut notices = stream::poll_fn(move |cx| connection.poll_message(cx));
    tokio::spawn(async move {
        while let Some(Ok(message)) = notices.next().await {
            let _ = messages.send(message);
        }
    });
    client.batch_execute("LISTEN jobs").await?;
    drop(client);
    while let Some(AsyncMessage::Notification(notice)) = heard.recv().await {
        http.post("http://jobs").body(notice.payload().to_owned()).send().await?;
    }
    Ok(())
}
