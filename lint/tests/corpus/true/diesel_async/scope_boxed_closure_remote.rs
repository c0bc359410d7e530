// A closure that was handed the transaction publishes to Kafka before it ends.
use diesel::{insert_into, prelude::*};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool,
    scoped_futures::ScopedFutureExt,
};
use rdkafka::producer::{FutureProducer, FutureRecord};
use std::time::Duration;

use crate::schema::events;

pub async fn record(
    pool: &Pool<AsyncPgConnection>,
    kafka: &FutureProducer,
    event: NewEvent,
) -> anyhow::Result<()> {
    let mut conn = pool.get().await?;
    conn.transaction::<_, anyhow::Error, _>(|conn| {
        async move {
            insert_into(events::table).values(&event).execute(conn).await?;
            let payload = serde_json::to_vec(&event)?;
            let record = FutureRecord::<(), _>::to("events").payload(&payload);
            kafka
                .send(record, Duration::from_secs(5))
                .await //~ SA001
                .map_err(|(error, _)| error)?;
            Ok(())
        }
        .scope_boxed()
    })
    .await
}

#[derive(Insertable, serde::Serialize)]
#[diesel(table_name = events)]
pub struct NewEvent {
    pub kind: String,
    pub body: String,
}
