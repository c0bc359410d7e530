// The closure of a trx wrapper sends over the message bus before it returns.
use diesel::prelude::*;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl,
    pooled_connection::bb8::Pool,
    scoped_futures::{ScopedBoxFuture, ScopedFutureExt},
};

use crate::schema::nodes;

#[derive(Clone)]
pub struct Db {
    pool: Pool<AsyncPgConnection>,
}

impl Db {
    pub async fn trx<'a, F, T>(&self, body: F) -> Result<T, ApiError>
    where
        F: for<'r> FnOnce(
                &'r mut AsyncPgConnection,
            ) -> ScopedBoxFuture<'a, 'r, Result<T, ApiError>>
            + Send
            + 'a,
        T: Send + 'a,
    {
        let mut conn = self.pool.get().await?;
        conn.transaction(body).await
    }
}

pub async fn stop_node(db: &Db, mqtt: &rumqttc::AsyncClient, id: i32) -> Result<(), ApiError> {
    db.trx(|conn| {
        async move {
            let topic: String = diesel::update(nodes::table.find(id))
                .set(nodes::stopped.eq(true))
                .returning(nodes::topic)
                .get_result(conn)
                .await?;
            mqtt.publish(topic, rumqttc::QoS::AtLeastOnce, false, "stop").await?; //~ SA001
            Ok(())
        }
        .scope_boxed()
    })
    .await
}
