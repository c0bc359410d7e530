// The callee owns the transaction; the arms of the `match` run after it is gone.
use sqlx::{PgPool, Postgres, Transaction};

pub async fn settle(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    loop {
        let mut tx = pool.begin().await?;
        let open: Option<i64> = sqlx::query_scalar("SELECT id FROM debts WHERE person = $1 LIMIT 1")
            .bind(id)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(debt) = open else { break };
        match close(tx, debt).await {
            Ok(()) => {}
            Err(Problem::Disputed) => {
                http.post("http://disputes").body(debt.to_string()).send().await?;
            }
            Err(Problem::Lost(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

async fn close(mut tx: Transaction<'_, Postgres>, debt: i64) -> Result<(), Problem> {
    sqlx::query("DELETE FROM debts WHERE id = $1").bind(debt).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}

pub enum Problem {
    Disputed,
    Lost(sqlx::Error),
}
