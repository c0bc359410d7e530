// A statement helper over a static pool is called inside a transaction of that pool.
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::OnceLock;

static DB: OnceLock<PgPool> = OnceLock::new();

pub struct Db;

impl Db {
    fn pool() -> &'static PgPool {
        DB.get().expect("set in main")
    }

    pub async fn txn() -> sqlx::Result<Transaction<'static, Postgres>> {
        Self::pool().begin().await
    }

    pub async fn value(sql: &'static str, id: i64) -> sqlx::Result<Option<String>> {
        sqlx::query_scalar(sql).bind(id).fetch_optional(Self::pool()).await
    }
}

pub async fn rename_attribute(id: i64, name: &str) -> sqlx::Result<()> {
    let mut txn = Db::txn().await?;
    sqlx::query("UPDATE attributes SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id)
        .execute(&mut *txn)
        .await?;
    let owner = Db::value("SELECT owner FROM attributes WHERE id = $1", id).await?; //~ SA002
    sqlx::query("INSERT INTO renames (owner) VALUES ($1)").bind(owner).execute(&mut *txn).await?;
    txn.commit().await
}
