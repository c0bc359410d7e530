// The queue is filled with requests, and the transaction waits for all of them.
use futures::StreamExt;
use futures::stream::FuturesUnordered;

type Pool = bb8::Pool<bb8_postgres::PostgresConnectionManager<tokio_postgres::NoTls>>;

pub async fn notify_all(pool: &Pool, http: &reqwest::Client, hooks: &[String]) -> anyhow::Result<()> {
    let mut conn = pool.get().await?;
    let tx = conn.transaction().await?;
    let mut running = FuturesUnordered::new();
    for hook in hooks {
        running.push(http.post(hook).send());
    }
    while let Some(answer) = running.next().await { //~ SA001
        tx.execute("INSERT INTO answers (status) VALUES ($1)", &[&answer?.status().as_u16()]).await?;
    }
    tx.commit().await?;
    Ok(())
}
