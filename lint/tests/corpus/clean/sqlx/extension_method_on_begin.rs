// The result of begin() goes through an extension trait of the code base.
use sqlx::{Connection, PgConnection};

pub trait ResultExt<T> {
    fn wrap(self, what: &'static str) -> Result<T, StoreError>;
}

impl<T> ResultExt<T> for Result<T, sqlx::Error> {
    fn wrap(self, what: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError { what, source })
    }
}

pub struct StoreError {
    what: &'static str,
    source: sqlx::Error,
}

pub async fn lock_tables(conn: &mut PgConnection, tables: &[&str]) -> Result<u64, StoreError> {
    let mut txn = conn.begin().await.wrap("begin")?;
    sqlx::query("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
        .execute(&mut *txn)
        .await
        .wrap("isolation")?;
    for table in tables {
        sqlx::query(&format!("LOCK TABLE {table} IN EXCLUSIVE MODE NOWAIT"))
            .execute(&mut *txn)
            .await
            .wrap("lock")?;
    }
    let done = sqlx::query("DELETE FROM stale").execute(&mut *txn).await.wrap("delete")?;
    txn.commit().await.wrap("commit")?;
    Ok(done.rows_affected())
}
