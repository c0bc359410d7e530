// An outcome may carry a transaction, but the one that is given here has none.
use sqlx::{PgPool, Postgres, Transaction};

pub enum Verdict {
    Wait { tx: Option<Transaction<'static, Postgres>> },
    Refused { code: u8, tx: Option<Transaction<'static, Postgres>> },
}

impl Verdict {
    pub fn refused(code: u8) -> Verdict {
        Verdict::Refused { code, tx: None }
    }

    pub fn with(self, tx: Transaction<'static, Postgres>) -> Verdict {
        match self {
            Verdict::Wait { .. } => Verdict::Wait { tx: Some(tx) },
            Verdict::Refused { code, .. } => Verdict::Refused { code, tx: Some(tx) },
        }
    }
}

async fn forget_requests(pool: &PgPool, verdict: Verdict) -> Result<Verdict, sqlx::Error> {
    let mut tx = pool.begin().await?;
    sqlx::query("DELETE FROM requests").execute(&mut *tx).await?;
    Ok(verdict.with(tx))
}

pub async fn refuse(pool: &PgPool) -> Result<Verdict, sqlx::Error> {
    forget_requests(pool, Verdict::refused(3)).await
}
