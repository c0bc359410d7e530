// The queue of connections is emptied, or cleared, before anything else is awaited.
use std::collections::{BTreeMap, VecDeque};

type Pool = bb8::Pool<bb8_postgres::PostgresConnectionManager<tokio_postgres::NoTls>>;

pub async fn warm_up(pool: &Pool, upstream: &reqwest::Client) -> anyhow::Result<()> {
    let mut idle = VecDeque::with_capacity(1);
    idle.push_back(pool.get().await?);
    while let Some(conn) = idle.pop_front() {
        conn.batch_execute("SELECT 1").await?;
    }
    upstream.post("http://upstream/ready").send().await?;
    let mut by_name = BTreeMap::new();
    by_name.insert("first", pool.get().await?);
    for (_, conn) in &mut by_name {
        conn.batch_execute("SELECT 1").await?;
    }
    by_name.clear();
    upstream.post("http://upstream/done").send().await?;
    Ok(())
}
