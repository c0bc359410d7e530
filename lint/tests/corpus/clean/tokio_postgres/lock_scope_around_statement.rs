// The locked client is released at the end of the block, before the page is created.
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::Client;

pub async fn start(
    client: Arc<Mutex<Client>>,
    pages: &Pages,
    order: i64,
) -> anyhow::Result<String> {
    let cents: i64 = {
        let db = client.lock().await;
        db.query_one("SELECT cents FROM orders WHERE id = $1", &[&order]).await?.get(0)
    };
    let url = pages.create(order, cents).await?;
    client
        .lock()
        .await
        .execute("UPDATE orders SET url = $1 WHERE id = $2", &[&url, &order])
        .await?;
    Ok(url)
}

pub struct Pages(reqwest::Client);

impl Pages {
    pub async fn create(&self, order: i64, cents: i64) -> anyhow::Result<String> {
        Ok(self.0.post("http://pay").json(&(order, cents)).send().await?.text().await?)
    }
}
