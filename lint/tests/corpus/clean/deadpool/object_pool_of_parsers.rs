// The deadpool here keeps parser processes, not database connections.
use deadpool::managed::{Manager, Metrics, Pool, RecycleResult};
use tokio::process::{Child, Command};

pub struct Parsers;

impl Manager for Parsers {
    type Type = Child;
    type Error = std::io::Error;

    async fn create(&self) -> Result<Child, std::io::Error> {
        Command::new("parse-worker").spawn()
    }

    async fn recycle(&self, _: &mut Child, _: &Metrics) -> RecycleResult<std::io::Error> {
        Ok(())
    }
}

pub async fn parse(pool: &Pool<Parsers>, http: &reqwest::Client, url: &str) -> anyhow::Result<u32> {
    let worker = pool.get().await?;
    let text = http.get(url).send().await?.text().await?;
    tracing::debug!(bytes = text.len(), "fetched");
    Ok(worker.id().unwrap_or_default())
}
