// A derived Deref makes the code base's Conn a connection, and it is held over a call.
use bb8::{Pool, PooledConnection};
use bb8_postgres::PostgresConnectionManager;
use derive_more::{Deref, DerefMut};
use tokio_postgres::NoTls;

type Manager = PostgresConnectionManager<NoTls>;

#[derive(Deref, DerefMut)]
pub struct Conn<'p>(PooledConnection<'p, Manager>);

pub async fn conn(pool: &Pool<Manager>) -> anyhow::Result<Conn<'_>> {
    Ok(Conn(pool.get().await?))
}

pub async fn attest(pool: &Pool<Manager>, tpm: &TpmApi, node: &str) -> anyhow::Result<()> {
    let db = conn(pool).await?;
    let nonce: String =
        db.query_one("SELECT nonce FROM nodes WHERE name = $1", &[&node]).await?.get(0);
    let quote = tpm.quote(&nonce).await?; //~ SA001
    db.execute("UPDATE nodes SET quote = $1 WHERE name = $2", &[&quote, &node]).await?;
    Ok(())
}

pub struct TpmApi(reqwest::Client);

impl TpmApi {
    pub async fn quote(&self, nonce: &str) -> anyhow::Result<String> {
        Ok(self.0.post("http://tpm").body(nonce.to_owned()).send().await?.text().await?)
    }
}
