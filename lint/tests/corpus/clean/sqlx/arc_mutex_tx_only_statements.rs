// A transaction shared behind a mutex is locked for statements and for nothing else.
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::Arc;
use tokio::sync::Mutex;

pub type SharedTx = Arc<Mutex<Transaction<'static, Postgres>>>;

pub async fn add_line(tx: &SharedTx, order: i64, sku: &str) -> sqlx::Result<()> {
    let mut guard = tx.lock().await;
    sqlx::query("INSERT INTO lines (order_id, sku) VALUES ($1, $2)")
        .bind(order)
        .bind(sku)
        .execute(&mut **guard)
        .await?;
    Ok(())
}

pub async fn order(pool: &PgPool, skus: &[&str]) -> anyhow::Result<i64> {
    let shared: SharedTx = Arc::new(Mutex::new(pool.begin().await?));
    let id: i64 = sqlx::query_scalar("INSERT INTO orders DEFAULT VALUES RETURNING id")
        .fetch_one(&mut **shared.lock().await)
        .await?;
    for sku in skus {
        add_line(&shared, id, sku).await?;
    }
    let tx = Arc::into_inner(shared).expect("no other owner").into_inner();
    tx.commit().await?;
    Ok(id)
}
