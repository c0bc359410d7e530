// The last step takes the transaction by value and commits it.
use sqlx::{PgPool, PgTransaction};

async fn settle(mut tx: PgTransaction<'_>, id: i64) -> sqlx::Result<i64> {
    let version = sqlx::query_scalar("UPDATE bills SET paid = true WHERE id = $1 RETURNING version")
        .bind(id)
        .fetch_one(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(version)
}

pub async fn pay(pool: &PgPool, http: &reqwest::Client, id: i64) -> anyhow::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("SELECT 1 FROM bills WHERE id = $1 FOR UPDATE").bind(id).execute(&mut *tx).await?;
    let version = settle(tx, id).await?;
    http.post("https://ledger.test/paid").json(&(id, version)).send().await?;
    Ok(())
}
