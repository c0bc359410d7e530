// The guard moves into the helper that uses it up, and the remote call comes after.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type Guard<'a> = PooledConnection<'a, PostgresConnectionManager<NoTls>>;

async fn load(conn: Guard<'_>, document: i64) -> anyhow::Result<Vec<u8>> {
    Ok(conn.query_one("SELECT digest FROM documents WHERE id = $1", &[&document]).await?.get(0))
}

pub async fn sign(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    hsm: &Hsm,
    document: i64,
) -> anyhow::Result<Vec<u8>> {
    let conn = pool.get().await?;
    let digest = load(conn, document).await?;
    hsm.sign(digest).await
}

pub struct Hsm(tonic::transport::Channel);

impl Hsm {
    pub async fn sign(&self, digest: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        Ok(SignerClient::new(self.0.clone()).sign(digest).await?.into_inner())
    }
}
