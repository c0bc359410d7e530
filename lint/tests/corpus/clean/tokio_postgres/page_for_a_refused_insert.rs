// The insert was refused, so the transaction is over; the page says why.
use deadpool_postgres::Pool;

pub async fn rename(pool: &Pool, id: i64, slug: &str) -> Result<Page, Failure> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    let renamed = tx.execute("UPDATE shops SET slug = $1 WHERE id = $2", &[&slug, &id]).await;
    match renamed {
        Ok(_) => {}
        Err(error) => {
            if error.code().is_some_and(|code| code.code() == "23505") {
                return Ok(Page::form("this slug is taken"));
            }
            return Err(error.into());
        }
    }
    tx.commit().await?;
    Ok(Page::form("renamed"))
}
