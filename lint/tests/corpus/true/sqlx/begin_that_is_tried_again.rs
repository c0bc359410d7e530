// A generic helper tries again to begin a transaction, which is open while a price is fetched.
use sqlx::PgPool;
use std::future::Future;

async fn again<F, Fut, T>(make: F) -> Result<T, sqlx::Error>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, sqlx::Error>>,
{
    match make().await {
        Ok(made) => Ok(made),
        Err(_) => make().await,
    }
}

pub async fn price(pool: &PgPool, http: &reqwest::Client, item: i64) -> anyhow::Result<()> {
    let mut tx = again(|| pool.begin()).await?;
    let price = http.get(format!("http://prices/{item}")).send().await?; //~ SA001
    sqlx::query("UPDATE items SET price = $1 WHERE id = $2")
        .bind(i32::from(price.status().as_u16()))
        .bind(item)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
