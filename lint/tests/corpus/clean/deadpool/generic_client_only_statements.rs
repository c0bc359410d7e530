// Helpers over GenericClient run statements on a client or on a transaction.
use deadpool_postgres::{GenericClient, Pool, Transaction};

async fn balance(db: &impl GenericClient, account: i64) -> Result<i64, Error> {
    Ok(db.query_one("SELECT balance FROM accounts WHERE id = $1", &[&account]).await?.get(0))
}

async fn add(db: &Transaction<'_>, account: i64, cents: i64) -> Result<(), Error> {
    db.execute("UPDATE accounts SET balance = balance + $1 WHERE id = $2", &[&cents, &account])
        .await?;
    Ok(())
}

pub async fn transfer(pool: &Pool, from: i64, to: i64, cents: i64) -> Result<bool, Error> {
    let mut client = pool.get().await?;
    if balance(&**client, from).await? < cents {
        return Ok(false);
    }
    let tx = client.transaction().await?;
    add(&tx, from, -cents).await?;
    add(&tx, to, cents).await?;
    tx.commit().await?;
    Ok(true)
}
