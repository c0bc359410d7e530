// A statement that the database refuses is an answer; its transaction has nothing to commit then.
use sqlx::PgPool;

pub async fn create(pool: &PgPool, name: &str) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?;
    let inserted =
        sqlx::query("INSERT INTO accounts (name) VALUES ($1)").bind(name).execute(&mut *tx).await;
    let created = match inserted {
        Ok(done) => {
            tx.commit().await?;
            done.rows_affected() == 1
        }
        Err(_) => false,
    };
    Ok(created)
}
