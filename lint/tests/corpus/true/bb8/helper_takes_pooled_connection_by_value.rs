// The helper takes the guard by value and waits for a signature service before it uses it.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres::NoTls;

type Manager = PostgresConnectionManager<NoTls>;

pub async fn sign(pool: &Pool<Manager>, hsm: &Hsm, document: i64) -> anyhow::Result<()> {
    let conn = pool.get().await?;
    let digest: Vec<u8> =
        conn.query_one("SELECT digest FROM documents WHERE id = $1", &[&document]).await?.get(0);
    store_signature(conn, hsm, document, digest).await
}

async fn store_signature(
    conn: PooledConnection<'_, Manager>,
    hsm: &Hsm,
    document: i64,
    digest: Vec<u8>,
) -> anyhow::Result<()> {
    let signature = hsm.sign(&digest).await?; //~ SA001
    conn.execute(
        "INSERT INTO signatures (document, bytes) VALUES ($1, $2)",
        &[&document, &signature],
    )
    .await?;
    Ok(())
}

pub struct Hsm {
    channel: tonic::transport::Channel,
}

impl Hsm {
    async fn sign(&self, digest: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut client = SignerClient::new(self.channel.clone());
        Ok(client.sign(digest.to_vec()).await?.into_inner())
    }
}
