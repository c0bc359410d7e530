// The helper's name does not say that it writes, its SQL does, and the commit was forgotten.
use sqlx::{MySqlConnection, MySqlPool};

pub async fn visit(pool: &MySqlPool, id: i64) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?; //~ SA005
    bump(&mut tx, id).await?;
    Ok(())
}

async fn bump(conn: &mut MySqlConnection, id: i64) -> sqlx::Result<()> {
    sqlx::query("UPDATE pages SET visits = visits + 1 WHERE id = ?").bind(id).execute(conn).await?;
    Ok(())
}
