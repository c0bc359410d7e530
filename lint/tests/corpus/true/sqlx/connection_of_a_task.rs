// The request's transaction is in a variable of its task, in the scope and in functions that read it there.
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::Arc;
use tokio::sync::Mutex;

type Shared = Arc<Mutex<Transaction<'static, Postgres>>>;

tokio::task_local! {
    static TX: Shared;
}

pub async fn order(pool: &PgPool, till: &reqwest::Client) -> anyhow::Result<()> {
    let shared: Shared = Arc::new(Mutex::new(pool.begin().await?));
    TX.scope(shared.clone(), async {
        reserve().await?;
        till.post("http://till/charge").send().await?; //~ SA001
        anyhow::Ok(())
    })
    .await?;
    TX.scope(shared.clone(), charge(till)).await?; //~ SA001
    let tx = Arc::into_inner(shared).expect("the only owner").into_inner();
    tx.commit().await?;
    Ok(())
}

async fn charge(till: &reqwest::Client) -> anyhow::Result<()> {
    let shared = TX.with(|shared| shared.clone());
    sqlx::query("UPDATE orders SET paid = true").execute(&mut **shared.lock().await).await?;
    till.post("http://till/charge").send().await?; //~ SA001
    Ok(())
}

async fn reserve() -> anyhow::Result<()> {
    let shared = TX.get();
    sqlx::query("UPDATE stock SET n = n - 1").execute(&mut **shared.lock().await).await?;
    Ok(())
}
