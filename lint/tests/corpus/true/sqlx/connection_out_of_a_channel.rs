// A worker gets a connection out of a channel, and calls out before it gives it back.
use sqlx::pool::PoolConnection;
use sqlx::Postgres;
use tokio::sync::mpsc;

pub async fn work(
    connections: &mut mpsc::Receiver<PoolConnection<Postgres>>,
    http: &reqwest::Client,
) -> anyhow::Result<()> {
    while let Some(mut conn) = connections.recv().await {
        let url: String =
            sqlx::query_scalar("SELECT url FROM jobs LIMIT 1").fetch_one(&mut *conn).await?;
        http.get(&url).send().await?; //~ SA001
        sqlx::query("DELETE FROM jobs WHERE url = $1").bind(&url).execute(&mut *conn).await?;
    }
    Ok(())
}
