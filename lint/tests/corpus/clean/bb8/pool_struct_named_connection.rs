// The Connection of this code base is a cloneable pool handle.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

#[derive(Clone)]
pub struct Connection {
    pool: Pool<PostgresConnectionManager<NoTls>>,
}

impl Connection {
    pub async fn execute(&self, sql: &str) -> anyhow::Result<u64> {
        Ok(self.pool.get().await?.execute(sql, &[]).await?)
    }
}

pub async fn nightly(conn: Connection, http: &reqwest::Client) -> anyhow::Result<()> {
    let gone = conn.execute("DELETE FROM sessions WHERE expired").await?;
    http.post("http://ops/nightly").body(gone.to_string()).send().await?;
    conn.execute("VACUUM sessions").await?;
    Ok(())
}
