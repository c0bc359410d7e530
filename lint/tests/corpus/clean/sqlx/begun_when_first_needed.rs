// The transaction begins with the first large row, is committed, and only then a remote hears of it.
use sqlx::{PgPool, Postgres, Transaction};

pub async fn import(pool: &PgPool, hook: &reqwest::Client, rows: &[i64]) -> anyhow::Result<()> {
    let mut tx: Option<Transaction<'_, Postgres>> = None;
    for row in rows.iter().filter(|row| **row > 3) {
        let open = match tx.as_mut() {
            Some(open) => open,
            None => tx.insert(pool.begin().await?),
        };
        sqlx::query("INSERT INTO large VALUES ($1)").bind(row).execute(&mut **open).await?;
    }
    if let Some(tx) = tx {
        tx.commit().await?;
    }
    hook.post("http://hook").send().await?;
    Ok(())
}
