// A boxed recursive call is given the connection.
use sqlx::{PgConnection, PgPool};
use std::pin::Pin;

fn subtree<'a>(
    conn: &'a mut PgConnection,
    root: i64,
) -> Pin<Box<dyn Future<Output = sqlx::Result<Vec<i64>>> + Send + 'a>> {
    Box::pin(async move {
        let children: Vec<i64> = sqlx::query_scalar("SELECT id FROM nodes WHERE parent = $1")
            .bind(root)
            .fetch_all(&mut *conn)
            .await?;
        let mut all = vec![root];
        for child in children {
            all.extend(subtree(&mut *conn, child).await?);
        }
        Ok(all)
    })
}

pub async fn delete_tree(pool: &PgPool, root: i64) -> sqlx::Result<u64> {
    let mut tx = pool.begin().await?;
    let ids = subtree(&mut tx, root).await?;
    let done =
        sqlx::query("DELETE FROM nodes WHERE id = ANY($1)").bind(&ids).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}
