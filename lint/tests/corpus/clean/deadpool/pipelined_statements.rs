// Statements of one client are joined, which pipelines them on its connection.
use deadpool_postgres::Pool;
use futures::future;

pub async fn totals(pool: &Pool) -> Result<(i64, i64), Error> {
    let client = pool.get().await?;
    let (users, orders) = future::try_join(
        client.query_one("SELECT count(*) FROM users", &[]),
        client.query_one("SELECT count(*) FROM orders", &[]),
    )
    .await?;
    Ok((users.get(0), orders.get(0)))
}
