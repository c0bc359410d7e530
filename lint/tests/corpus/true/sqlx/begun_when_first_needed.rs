// The transaction begins with the first large row, and small rows go to a remote while it is open.
use sqlx::{PgPool, Postgres, Transaction};

pub async fn import(pool: &PgPool, small: &reqwest::Client, rows: &[i64]) -> anyhow::Result<()> {
    let mut tx: Option<Transaction<'_, Postgres>> = None;
    for row in rows {
        if *row > 3 {
            let open = match tx.as_mut() {
                Some(open) => open,
                None => tx.insert(pool.begin().await?),
            };
            sqlx::query("INSERT INTO large VALUES ($1)").bind(row).execute(&mut **open).await?;
        } else {
            small.post("http://small").body(row.to_string()).send().await?; //~ SA001
        }
    }
    if let Some(tx) = tx {
        tx.commit().await?;
    }
    Ok(())
}
