// A transaction begun by the transaction manager keeps its connection over a call.
use diesel::prelude::*;
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager,
    pooled_connection::deadpool::Pool,
};

use crate::schema::batches;

pub async fn close_batch(
    pool: &Pool<AsyncPgConnection>,
    scale: &ScaleApi,
    id: i32,
) -> anyhow::Result<()> {
    let mut conn = pool.get().await?;
    AnsiTransactionManager::begin_transaction(&mut *conn).await?;
    diesel::update(batches::table.find(id)).set(batches::open.eq(false)).execute(&mut conn).await?;
    let grams = scale.weigh(id).await?; //~ SA001
    diesel::update(batches::table.find(id))
        .set(batches::grams.eq(grams))
        .execute(&mut conn)
        .await?;
    AnsiTransactionManager::commit_transaction(&mut *conn).await?;
    Ok(())
}

pub struct ScaleApi(reqwest::Client);

impl ScaleApi {
    pub async fn weigh(&self, batch: i32) -> anyhow::Result<i32> {
        Ok(self.0.get(format!("http://scale/{batch}")).send().await?.json().await?)
    }
}
