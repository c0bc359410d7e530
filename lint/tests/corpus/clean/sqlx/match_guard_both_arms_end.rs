// Each arm either ends the transaction or leaves with an error.
use sqlx::PgPool;

pub async fn settle(pool: &PgPool, notify: &Notify, bet: i64, won: bool) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    let updated = sqlx::query("UPDATE bets SET won = $1 WHERE id = $2 AND won IS NULL")
        .bind(won)
        .bind(bet)
        .execute(&mut *tx)
        .await;
    match updated {
        Ok(done) if done.rows_affected() == 1 => tx.commit().await?,
        Ok(_) => {
            tx.rollback().await?;
            return Ok(());
        }
        Err(error) => {
            tracing::error!(%error, bet, "not settled");
            tx.rollback().await?;
            return Err(error.into());
        }
    }
    notify.settled(bet).await
}

pub struct Notify(reqwest::Client);

impl Notify {
    async fn settled(&self, bet: i64) -> anyhow::Result<()> {
        self.0.post("http://notify").body(bet.to_string()).send().await?;
        Ok(())
    }
}
