// The helper's name begins with a word that writes, its SQL only reads.
use sqlx::{MySqlConnection, MySqlPool};

pub async fn visits(pool: &MySqlPool, id: i64) -> sqlx::Result<(i64, i64)> {
    let mut tx = pool.begin().await?;
    let visits = record_of(&mut tx, id).await?;
    let other = record_of(&mut tx, id + 1).await?;
    Ok((visits, other))
}

async fn record_of(conn: &mut MySqlConnection, id: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT visits FROM pages WHERE id = ?").bind(id).fetch_one(conn).await
}
