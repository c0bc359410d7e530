// A named function is passed to with_tx, and it calls a remote with the transaction it is handed.
use futures::future::{BoxFuture, FutureExt};
use sqlx::{PgPool, Postgres, Transaction};

type Tx = Transaction<'static, Postgres>;

pub async fn with_tx<T>(
    pool: &PgPool,
    step: for<'t> fn(&'t mut Tx) -> BoxFuture<'t, anyhow::Result<T>>,
) -> anyhow::Result<T> {
    let mut tx = pool.begin().await?;
    let value = step(&mut tx).await?;
    tx.commit().await?;
    Ok(value)
}

fn expire_keys(tx: &mut Tx) -> BoxFuture<'_, anyhow::Result<u64>> {
    async move {
        let response = reqwest::get("http://keys/revoked").await?; //~ SA001
        let revoked: Vec<i64> = response.json().await?; //~ SA001
        let done = sqlx::query("DELETE FROM keys WHERE id = ANY($1)")
            .bind(&revoked)
            .execute(&mut **tx)
            .await?;
        Ok(done.rows_affected())
    }
    .boxed()
}

pub async fn nightly(pool: &PgPool) -> anyhow::Result<u64> {
    with_tx(pool, expire_keys).await
}
