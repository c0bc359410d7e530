// The one shared client is locked while a payment page is created elsewhere.
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::Client;

#[derive(Clone)]
pub struct Store {
    client: Arc<Mutex<Client>>,
    pages: PaymentPages,
}

impl Store {
    pub async fn start_payment(&self, order: i64) -> anyhow::Result<String> {
        let client = self.client.lock().await;
        let row = client.query_one("SELECT cents FROM orders WHERE id = $1", &[&order]).await?;
        let url = self.pages.create(order, row.get(0)).await?; //~ SA001
        client.execute("UPDATE orders SET payment_url = $1 WHERE id = $2", &[&url, &order]).await?;
        Ok(url)
    }
}

#[derive(Clone)]
pub struct PaymentPages {
    http: reqwest::Client,
}

impl PaymentPages {
    pub async fn create(&self, order: i64, cents: i64) -> anyhow::Result<String> {
        Ok(self.http.post("http://pay/pages").json(&(order, cents)).send().await?.text().await?)
    }
}
