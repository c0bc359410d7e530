// A shared, locked connection is held across a call to the forecast service.
use bb8::PooledConnection;
use bb8_postgres::PostgresConnectionManager;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::NoTls;

pub type SharedConn = Arc<Mutex<PooledConnection<'static, PostgresConnectionManager<NoTls>>>>;

pub async fn store_forecast(
    shared: SharedConn,
    forecasts: &Forecasts,
    site: i32,
) -> anyhow::Result<()> {
    let conn = shared.lock().await;
    let kwh = forecasts.tomorrow(site).await?; //~ SA001
    conn.execute("INSERT INTO forecasts (site, kwh) VALUES ($1, $2)", &[&site, &kwh]).await?;
    Ok(())
}

pub struct Forecasts {
    http: reqwest::Client,
}

impl Forecasts {
    pub async fn tomorrow(&self, site: i32) -> anyhow::Result<f64> {
        Ok(self.http.get(format!("http://forecast/{site}")).send().await?.json().await?)
    }
}
