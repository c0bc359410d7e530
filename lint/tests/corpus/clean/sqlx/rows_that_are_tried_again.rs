// A generic helper tries a whole transaction again, which gives a number back and no connection.
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
    let price: i32 = again(|| async {
        let mut tx = pool.begin().await?;
        let price = sqlx::query_scalar("UPDATE items SET price = 1 WHERE id = $1 RETURNING price")
            .bind(item)
            .fetch_one(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(price)
    })
    .await?;
    http.post("http://prices").body(price.to_string()).send().await?;
    Ok(())
}
