// The connection is held until a spawned scan is done.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

pub async fn scan_upload(
    pool: Pool<PostgresConnectionManager<NoTls>>,
    scanner: Scanner,
    upload: i64,
) -> anyhow::Result<bool> {
    let conn = pool.get().await?;
    let path: String =
        conn.query_one("SELECT path FROM uploads WHERE id = $1", &[&upload]).await?.get(0);
    let scan = tokio::spawn(async move { scanner.scan(&path).await });
    conn.execute("UPDATE uploads SET scanning = true WHERE id = $1", &[&upload]).await?;
    let infected = scan.await??; //~ SA003
    conn.execute("UPDATE uploads SET infected = $1 WHERE id = $2", &[&infected, &upload]).await?;
    Ok(infected)
}

pub struct Scanner {
    socket: String,
}

impl Scanner {
    pub async fn scan(&self, path: &str) -> std::io::Result<bool> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let mut stream = tokio::net::UnixStream::connect(&self.socket).await?;
        stream.write_all(format!("SCAN {path}\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer.ends_with("FOUND\n"))
    }
}
