// An if-let binds the connection and its block waits for a lookup service.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn log_visit(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    whois: &Whois,
    ip: std::net::IpAddr,
) {
    if let Ok(conn) = pool.get().await {
        let network = whois.network(ip).await.unwrap_or_default(); //~ SA001
        let ip = ip.to_string();
        if conn
            .execute("INSERT INTO visits (ip, network) VALUES ($1, $2)", &[&ip, &network])
            .await
            .is_err()
        {
            tracing::warn!(ip, "visit not logged");
        }
    }
}

pub struct Whois {
    http: reqwest::Client,
}

impl Whois {
    async fn network(&self, ip: std::net::IpAddr) -> Result<String, reqwest::Error> {
        self.http.get(format!("http://whois/{ip}")).send().await?.text().await
    }
}
