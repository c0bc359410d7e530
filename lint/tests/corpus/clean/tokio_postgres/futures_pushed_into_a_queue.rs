// The statements of one transaction are pushed into a queue, which then runs them in order.
use futures::StreamExt;
use futures::stream::FuturesOrdered;
use tokio_postgres::Client;

pub async fn forget(client: &mut Client, queries: &[String]) -> Result<u64, tokio_postgres::Error> {
    let tx = client.transaction().await?;
    let mut running = FuturesOrdered::new();
    for query in queries {
        running.push(tx.execute(query.as_str(), &[]));
    }
    let mut gone = 0;
    while let Some(result) = running.next().await {
        gone += result?;
    }
    drop(running);
    tx.commit().await?;
    Ok(gone)
}
