// sqlx's own closure form of a transaction on a held connection runs statements only.
use sqlx::{Connection, PgPool};

pub async fn swap(pool: &PgPool, a: i64, b: i64) -> Result<(), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    conn.transaction(|tx| {
        Box::pin(async move {
            sqlx::query("UPDATE slots SET pos = -1 WHERE id = $1")
                .bind(a)
                .execute(&mut **tx)
                .await?;
            sqlx::query("UPDATE slots SET pos = 1 WHERE id = $1")
                .bind(b)
                .execute(&mut **tx)
                .await?;
            Ok(())
        })
    })
    .await
}
