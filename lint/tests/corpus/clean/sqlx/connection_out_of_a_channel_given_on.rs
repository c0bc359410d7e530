// A worker gets a connection out of a channel, and gives it on before it calls out.
use sqlx::pool::PoolConnection;
use sqlx::Postgres;
use tokio::sync::mpsc;

pub async fn work(
    connections: &mut mpsc::Receiver<PoolConnection<Postgres>>,
    back: &mpsc::Sender<PoolConnection<Postgres>>,
    http: &reqwest::Client,
) -> anyhow::Result<()> {
    while let Some(mut conn) = connections.recv().await {
        let url: String =
            sqlx::query_scalar("SELECT url FROM jobs LIMIT 1").fetch_one(&mut *conn).await?;
        back.send(conn).await?;
        http.get(&url).send().await?;
    }
    Ok(())
}
