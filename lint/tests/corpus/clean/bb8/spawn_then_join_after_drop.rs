// The scan is joined after the connection went back.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn scan(
    pool: Pool<PostgresConnectionManager<NoTls>>,
    scanner: Scanner,
    id: i64,
) -> anyhow::Result<()> {
    let scan = {
        let conn = pool.get().await?;
        let path: String =
            conn.query_one("SELECT path FROM uploads WHERE id = $1", &[&id]).await?.get(0);
        tokio::spawn(async move { scanner.scan(path).await })
    };
    let infected = scan.await??;
    let conn = pool.get().await?;
    conn.execute("UPDATE uploads SET infected = $1 WHERE id = $2", &[&infected, &id]).await?;
    Ok(())
}

pub struct Scanner(reqwest::Client);

impl Scanner {
    pub async fn scan(&self, path: String) -> anyhow::Result<bool> {
        Ok(self.0.post("http://clamav").body(path).send().await?.status().is_client_error())
    }
}
