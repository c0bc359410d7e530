// The pool is behind a trait object, and what it gives is held over a translation.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use std::sync::Arc;
use tokio_postgres::NoTls;

type Manager = PostgresConnectionManager<NoTls>;

#[async_trait::async_trait]
pub trait Connections: Send + Sync {
    async fn lease(&self) -> anyhow::Result<PooledConnection<'static, Manager>>;
}

pub struct Owned(Pool<Manager>);

#[async_trait::async_trait]
impl Connections for Owned {
    async fn lease(&self) -> anyhow::Result<PooledConnection<'static, Manager>> {
        Ok(self.0.get_owned().await?)
    }
}

pub async fn caption(
    connections: Arc<dyn Connections>,
    vision: Vision,
    image: i64,
) -> anyhow::Result<()> {
    let conn = connections.lease().await?;
    let url: String =
        conn.query_one("SELECT url FROM images WHERE id = $1", &[&image]).await?.get(0);
    let caption = vision.describe(&url).await?; //~ SA001
    conn.execute("UPDATE images SET caption = $1 WHERE id = $2", &[&caption, &image]).await?;
    Ok(())
}

pub struct Vision(reqwest::Client);

impl Vision {
    pub async fn describe(&self, url: &str) -> anyhow::Result<String> {
        Ok(self.0.post("http://vision").body(url.to_owned()).send().await?.text().await?)
    }
}
