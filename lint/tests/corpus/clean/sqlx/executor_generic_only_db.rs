// A generic executor function that only runs its statement may be given a transaction.
use sqlx::{Executor, PgPool, Postgres};

pub async fn tag<'e>(
    exec: impl Executor<'e, Database = Postgres>,
    post: i64,
    tag: &str,
) -> sqlx::Result<u64> {
    let done = sqlx::query("INSERT INTO tags (post, name) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(post)
        .bind(tag)
        .execute(exec)
        .await?;
    Ok(done.rows_affected())
}

pub async fn retag(pool: &PgPool, post: i64, tags: &[String]) -> sqlx::Result<()> {
    let mut tx = pool.begin().await?;
    sqlx::query("DELETE FROM tags WHERE post = $1").bind(post).execute(&mut *tx).await?;
    for name in tags {
        tag(&mut *tx, post, name).await?;
    }
    tx.commit().await
}
