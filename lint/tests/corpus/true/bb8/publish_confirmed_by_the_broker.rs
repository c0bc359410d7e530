// Two awaits in a row: the message is written, and then the broker confirms it.
use bb8::Pool;
use bb8_postgres::PostgresConnectionManager;
use lapin::options::BasicPublishOptions;
use lapin::{BasicProperties, Channel};
use tokio_postgres::NoTls;

pub async fn relay(
    pool: &Pool<PostgresConnectionManager<NoTls>>,
    channel: &Channel,
) -> anyhow::Result<()> {
    let conn = pool.get().await?;
    let rows = conn.query("SELECT id, body FROM outbox ORDER BY id LIMIT 100", &[]).await?;
    for row in rows {
        let body: Vec<u8> = row.get("body");
        let options = BasicPublishOptions::default();
        let sent = channel
            .basic_publish("", "events", options, &body, BasicProperties::default())
            .await?; //~ SA001
        sent.await?; //~ SA001
        conn.execute("DELETE FROM outbox WHERE id = $1", &[&row.get::<_, i64>("id")]).await?;
    }
    Ok(())
}
