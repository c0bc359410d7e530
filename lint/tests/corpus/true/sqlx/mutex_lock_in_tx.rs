// An async mutex is waited for while a transaction is open.
use sqlx::PgPool;
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Mutex;

#[derive(Clone)]
pub struct Counters {
    pool: PgPool,
    pending: Arc<Mutex<HashMap<i64, i64>>>,
}

impl Counters {
    pub async fn flush(&self) -> Result<(), sqlx::Error> {
        let mut tx = self.pool.begin().await?;
        let mut pending = self.pending.lock().await; //~ SA003
        for (page, views) in pending.drain() {
            sqlx::query("UPDATE pages SET views = views + $1 WHERE id = $2")
                .bind(views)
                .bind(page)
                .execute(&mut *tx)
                .await?;
        }
        drop(pending);
        tx.commit().await
    }
}
