// A function that is lent the connection waits for a lock before it uses it.
use sqlx::{PgConnection, PgPool};
use std::sync::Arc;
use tokio::sync::RwLock;

#[derive(Clone, Default)]
pub struct Cursor(Arc<RwLock<i64>>);

impl Cursor {
    pub async fn advance(&self, conn: &mut PgConnection) -> sqlx::Result<i64> {
        let mut at = self.0.write().await; //~ SA003
        *at = sqlx::query_scalar("SELECT max(id) FROM log WHERE id > $1")
            .bind(*at)
            .fetch_one(conn)
            .await?;
        Ok(*at)
    }
}

pub async fn run(pool: &PgPool, cursor: &Cursor) -> anyhow::Result<i64> {
    let mut conn = pool.acquire().await?;
    Ok(cursor.advance(&mut conn).await?)
}
