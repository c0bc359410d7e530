// A row stream of a transaction is read while each row is pushed to a queue.
use futures::{TryStreamExt, pin_mut};
use tokio_postgres::Transaction;

pub async fn fan_out(tx: &Transaction<'_>, queue: &async_nats::Client) -> anyhow::Result<u64> {
    let rows = tx.query_raw("SELECT payload FROM outbox", Vec::<String>::new()).await?;
    pin_mut!(rows);
    let mut count = 0;
    while let Some(row) = rows.try_next().await? {
        let payload: Vec<u8> = row.get(0);
        queue.publish("outbox", payload.into()).await?; //~ SA001
        count += 1;
    }
    Ok(count)
}
