// Connections wait in a queue while the upstream is asked how many are needed.
use std::collections::VecDeque;

type Pool = bb8::Pool<bb8_postgres::PostgresConnectionManager<tokio_postgres::NoTls>>;

pub async fn warm_up(pool: &Pool, upstream: &reqwest::Client) -> anyhow::Result<()> {
    let mut idle = VecDeque::new();
    idle.push_back(pool.get().await?);
    let wanted = upstream.get("http://upstream/load").send().await?; //~ SA001
    tracing::info!(status = %wanted.status(), "asked");
    while let Some(conn) = idle.pop_front() {
        conn.batch_execute("SELECT 1").await?;
    }
    upstream.post("http://upstream/ready").send().await?;
    Ok(())
}
