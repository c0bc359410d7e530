// A statement's future is created first and awaited last, with only database calls between.
use sqlx::{PgPool, Row};

pub async fn rename(pool: &PgPool, id: i64, name: String) -> sqlx::Result<String> {
    let mut tx = pool.begin().await?;
    let old =
        sqlx::query("SELECT name FROM items WHERE id = $1 FOR UPDATE").bind(id).fetch_one(&mut *tx);
    let old: String = old.await?.get(0);
    let update = async {
        sqlx::query("UPDATE items SET name = $1 WHERE id = $2")
            .bind(&name)
            .bind(id)
            .execute(&mut *tx)
            .await
    };
    update.await?;
    tx.commit().await?;
    Ok(old)
}
