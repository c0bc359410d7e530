// Two connections of one pool are held at the same time.
use sqlx::SqlitePool;

pub async fn copy_table(pool: &SqlitePool) -> anyhow::Result<u64> {
    let mut reader = pool.acquire().await?;
    let mut writer = pool.acquire().await?; //~ SA002
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT id, name FROM old_items").fetch_all(&mut *reader).await?;
    let mut copied = 0;
    for (id, name) in rows {
        copied += sqlx::query("INSERT INTO items (id, name) VALUES (?1, ?2)")
            .bind(id)
            .bind(name)
            .execute(&mut *writer)
            .await?
            .rows_affected();
    }
    Ok(copied)
}
