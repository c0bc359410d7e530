// A trx wrapper of the code base begins, runs the closure and commits; notifications follow it.
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

pub async fn rename(
    db: &Db,
    mqtt: &rumqttc::AsyncClient,
    id: i32,
    name: String,
) -> Result<(), ApiError> {
    let topic: String = db
        .trx(|conn| {
            async move {
                Ok(diesel::update(nodes::table.find(id))
                    .set(nodes::name.eq(name))
                    .returning(nodes::topic)
                    .get_result(conn)
                    .await?)
            }
            .scope_boxed()
        })
        .await?;
    mqtt.publish(topic, rumqttc::QoS::AtLeastOnce, false, "renamed").await?;
    Ok(())
}
