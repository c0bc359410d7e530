// Every arm of the match ends the transaction.
use sqlx::MySqlPool;

pub enum Outcome {
    Done(u64),
    Nothing,
}

pub async fn expire(pool: &MySqlPool, limit: u64) -> sqlx::Result<Outcome> {
    let mut tx = pool.begin().await?;
    let done = sqlx::query("DELETE FROM tokens WHERE expires < NOW()").execute(&mut *tx).await?;
    match done.rows_affected() {
        0 => {
            tx.rollback().await?;
            Ok(Outcome::Nothing)
        }
        n if n > limit => {
            tx.rollback().await?;
            Err(sqlx::Error::Protocol(format!("{n} tokens at once")))
        }
        n => {
            tx.commit().await?;
            Ok(Outcome::Done(n))
        }
    }
}
