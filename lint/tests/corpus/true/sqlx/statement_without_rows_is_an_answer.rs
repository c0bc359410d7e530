// A statement that changed no row is an answer; what was written before it is lost with the transaction.
use sqlx::PgPool;

pub async fn rename(pool: &PgPool, id: i64, name: &str) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?; //~ SA005
    sqlx::query("INSERT INTO attempts (account) VALUES ($1)").bind(id).execute(&mut *tx).await?;
    let renamed = sqlx::query("UPDATE accounts SET name = $1 WHERE id = $2")
        .bind(name)
        .bind(id)
        .execute(&mut *tx)
        .await?;
    let done = match renamed.rows_affected() {
        0 => false,
        _ => {
            tx.commit().await?;
            true
        }
    };
    Ok(done)
}
