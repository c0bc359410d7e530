// The request's transaction is in a variable of its task, and the remote call is behind the scope.
use sqlx::{PgPool, Postgres, Transaction};
use std::sync::Arc;
use tokio::sync::Mutex;

type Shared = Arc<Mutex<Transaction<'static, Postgres>>>;

tokio::task_local! {
    /// The transaction of the request.
    static TX: Shared;
    static REQUEST: String
}

pub async fn order(pool: &PgPool, till: &reqwest::Client) -> anyhow::Result<()> {
    let shared: Shared = Arc::new(Mutex::new(pool.begin().await?));
    TX.scope(shared.clone(), async {
        reserve().await?;
        anyhow::Ok(())
    })
    .await?;
    TX.scope(shared.clone(), reserve()).await?;
    let tx = Arc::into_inner(shared).expect("the only owner").into_inner();
    tx.commit().await?;
    REQUEST.scope("charge".to_owned(), charge(till)).await
}

async fn charge(till: &reqwest::Client) -> anyhow::Result<()> {
    let request = REQUEST.with(|request| request.clone());
    till.post("http://till/charge").body(request).send().await?;
    Ok(())
}

async fn reserve() -> anyhow::Result<()> {
    let shared = TX.with(|shared| shared.clone());
    sqlx::query("UPDATE stock SET n = n - 1").execute(&mut **shared.lock().await).await?;
    Ok(())
}
