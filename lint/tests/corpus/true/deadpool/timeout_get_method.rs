// A client from timeout_get() is held over a handshake.
use deadpool_postgres::{Pool, Timeouts};
use std::time::Duration;

pub async fn pair(pool: &Pool, device: &DeviceApi, serial: &str) -> anyhow::Result<()> {
    let timeouts = Timeouts::wait_millis(250);
    let client = pool.timeout_get(&timeouts).await?;
    let secret: String =
        client.query_one("SELECT secret FROM devices WHERE serial = $1", &[&serial]).await?.get(0);
    device.handshake(serial, &secret, Duration::from_secs(5)).await?; //~ SA001
    client.execute("UPDATE devices SET paired = true WHERE serial = $1", &[&serial]).await?;
    Ok(())
}

pub struct DeviceApi(reqwest::Client);

impl DeviceApi {
    pub async fn handshake(
        &self,
        serial: &str,
        secret: &str,
        within: Duration,
    ) -> anyhow::Result<()> {
        self.0
            .post(format!("http://{serial}"))
            .timeout(within)
            .body(secret.to_owned())
            .send()
            .await?;
        Ok(())
    }
}
