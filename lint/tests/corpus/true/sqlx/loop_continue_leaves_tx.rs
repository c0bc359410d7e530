// A continue leaves the transaction of its pass to its drop, and the function goes on to success.
use sqlx::SqlitePool;

pub async fn apply_all(pool: &SqlitePool, ids: &[i64]) -> Result<usize, sqlx::Error> {
    let mut applied = 0;
    for id in ids {
        let mut tx = pool.begin().await?; //~ SA005
        let done = sqlx::query("UPDATE changes SET applied = 1 WHERE id = ? AND applied = 0")
            .bind(id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            continue;
        }
        sqlx::query("INSERT INTO history (change) VALUES (?)").bind(id).execute(&mut *tx).await?;
        tx.commit().await?;
        applied += 1;
    }
    Ok(applied)
}
