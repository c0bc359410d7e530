// The transaction is never committed, although the function reports success.
use deadpool_postgres::Pool;

pub async fn bump_version(pool: &Pool, name: &str) -> Result<i32, DbError> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?; //~ SA005
    let row =
        tx.query_one("SELECT version FROM packages WHERE name = $1 FOR UPDATE", &[&name]).await?;
    let next = row.get::<_, i32>(0) + 1;
    tx.execute("UPDATE packages SET version = $1 WHERE name = $2", &[&next, &name]).await?;
    Ok(next)
}
