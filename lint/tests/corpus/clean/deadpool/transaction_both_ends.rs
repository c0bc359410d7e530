// The transaction of a client is committed or rolled back on each path.
use deadpool_postgres::Client;

pub async fn redeem(client: &mut Client, code: &str) -> Result<Option<i64>, Error> {
    let tx = client.transaction().await?;
    let Some(row) =
        tx.query_opt("SELECT amount FROM vouchers WHERE code = $1 FOR UPDATE", &[&code]).await?
    else {
        tx.rollback().await?;
        return Ok(None);
    };
    tx.execute("DELETE FROM vouchers WHERE code = $1", &[&code]).await?;
    tx.commit().await?;
    Ok(Some(row.get(0)))
}
