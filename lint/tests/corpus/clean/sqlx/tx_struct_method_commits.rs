// The end of the transaction is a method of its wrapper, and it is called on each path.
use sqlx::{PgPool, Postgres, Transaction};

pub struct Guarded {
    tx: Transaction<'static, Postgres>,
}

impl Guarded {
    pub async fn open(pool: &PgPool) -> sqlx::Result<Self> {
        let mut tx = pool.begin().await?;
        sqlx::query("SET LOCAL lock_timeout = '1s'").execute(&mut *tx).await?;
        Ok(Self { tx })
    }

    pub async fn settle(self, keep: bool) -> sqlx::Result<()> {
        if keep { self.tx.commit().await } else { self.tx.rollback().await }
    }
}

pub async fn try_delete(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<bool> {
    let mut guarded = Guarded::open(pool).await?;
    let done =
        sqlx::query("DELETE FROM things WHERE id = $1").bind(id).execute(&mut *guarded.tx).await?;
    let keep = done.rows_affected() == 1;
    guarded.settle(keep).await?;
    if keep {
        http.delete(format!("http://things/{id}")).send().await?;
    }
    Ok(keep)
}
