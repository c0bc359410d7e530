// Rows are claimed, published without a connection, and deleted with another one.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use lapin::Channel;
use tokio_postgres::NoTls;

type Database = Pool<PostgresConnectionManager<NoTls>>;

async fn claim(pool: &Database) -> anyhow::Result<Vec<(i64, Vec<u8>)>> {
    let conn = pool.get().await?;
    let claim = "UPDATE outbox SET claimed = now() WHERE claimed IS NULL RETURNING id, body";
    let rows = conn.query(claim, &[]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

async fn delete(pool: &Database, id: i64) -> anyhow::Result<()> {
    pool.get().await?.execute("DELETE FROM outbox WHERE id = $1", &[&id]).await?;
    Ok(())
}

pub async fn relay(pool: &Database, channel: &Channel) -> anyhow::Result<()> {
    for (id, body) in claim(pool).await? {
        let options = Default::default();
        let sent = channel.basic_publish("", "events", options, &body, Default::default()).await?;
        sent.await?;
        delete(pool, id).await?;
    }
    Ok(())
}
