// An enum of pool or shared transaction runs statements on whichever it is.
use sqlx::{PgPool, Postgres, Transaction, postgres::PgQueryResult};
use std::sync::Arc;
use tokio::sync::Mutex;

#[derive(Clone)]
pub enum Db {
    Pool(PgPool),
    Tx(Arc<Mutex<Transaction<'static, Postgres>>>),
}

impl Db {
    pub async fn run(&self, sql: &'static str, id: i64) -> sqlx::Result<PgQueryResult> {
        let query = sqlx::query(sql).bind(id);
        match self {
            Self::Pool(pool) => query.execute(pool).await,
            Self::Tx(tx) => {
                let mut tx = tx.lock().await;
                query.execute(&mut **tx).await
            }
        }
    }
}

pub async fn forget(db: &Db, user: i64) -> sqlx::Result<u64> {
    let posts = db.run("DELETE FROM posts WHERE author = $1", user).await?;
    let users = db.run("DELETE FROM users WHERE id = $1", user).await?;
    Ok(posts.rows_affected() + users.rows_affected())
}
