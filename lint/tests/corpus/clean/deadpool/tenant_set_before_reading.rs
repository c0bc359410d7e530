// The first statement sets who is asking; nothing is written, so a drop loses nothing.
use deadpool_postgres::{Pool, Transaction};

async fn set_row_level_security(tx: &Transaction<'_>, user: &str) -> Result<(), Refused> {
    tx.query("SELECT set_config('app.user', $1, true)", &[&user]).await?;
    Ok(())
}

pub async fn name_of(pool: &Pool, user: &str) -> Result<String, Refused> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    set_row_level_security(&tx, user).await?;
    let row = tx.query_one("SELECT name FROM profiles", &[]).await?;
    Ok(row.get(0))
}
