// A helper that holds a client awaits a future it is given, and no caller puts the client in it.
use std::future::Future;

use deadpool_postgres::{Client, Pool};

async fn store(client: &Client, answer: impl Future<Output = String>) -> Result<u64, tokio_postgres::Error> {
    let answer = answer.await; //~ SA001
    client.execute("INSERT INTO answers (text) VALUES ($1)", &[&answer]).await
}

pub async fn record(pool: &Pool, http: &reqwest::Client) -> Result<(), Box<dyn std::error::Error>> {
    let client = pool.get().await?;
    store(&client, async { http.get("http://model/answer").send().await.unwrap().text().await.unwrap() }).await?;
    Ok(())
}
