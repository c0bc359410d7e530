// Inside the if-let the connection sees statements only; the lookup came before.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use std::net::IpAddr;
use tokio_postgres::NoTls;

pub async fn log_visit(pool: &Pool<PostgresConnectionManager<NoTls>>, whois: &Whois, ip: IpAddr) {
    let network = whois.network(ip).await.unwrap_or_default();
    if let Ok(conn) = pool.get().await {
        let ip = ip.to_string();
        let _ = conn
            .execute("INSERT INTO visits (ip, network) VALUES ($1, $2)", &[&ip, &network])
            .await;
        let _ = conn.execute("UPDATE totals SET visits = visits + 1", &[]).await;
    }
}

pub struct Whois(reqwest::Client);

impl Whois {
    async fn network(&self, ip: IpAddr) -> reqwest::Result<String> {
        self.0.get(format!("http://whois/{ip}")).send().await?.text().await
    }
}
