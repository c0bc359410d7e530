// A dedicated connection of the pool waits for an object store.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use tokio_postgres_rustls::MakeRustlsConnect;

pub async fn restore(
    pool: &Pool<PostgresConnectionManager<MakeRustlsConnect>>,
    store: &dyn object_store::ObjectStore,
    path: &object_store::path::Path,
) -> anyhow::Result<u64> {
    let client = pool.dedicated_connection().await?;
    client.batch_execute("TRUNCATE snapshot").await?;
    let object = store.get(path).await?; //~ SA001
    let bytes = object.bytes().await?; //~ SA001
    let mut restored = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        restored += client.execute("INSERT INTO snapshot (line) VALUES ($1)", &[&line]).await?;
    }
    Ok(restored)
}
