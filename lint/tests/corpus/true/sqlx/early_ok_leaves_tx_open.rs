// An early success returns with the transaction neither committed nor rolled back.
use sqlx::PgPool;

pub async fn add_tag(pool: &PgPool, article: i64, tag: &str) -> Result<bool, sqlx::Error> {
    let mut tx = pool.begin().await?; //~ SA005
    let known: Option<i64> = sqlx::query_scalar("UPDATE tags SET uses = uses + 1 WHERE name = $1 RETURNING id")
        .bind(tag)
        .fetch_optional(&mut *tx)
        .await?;
    let Some(tag_id) = known else {
        return Ok(false);
    };
    sqlx::query("INSERT INTO article_tags (article, tag) VALUES ($1, $2)")
        .bind(article)
        .bind(tag_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(true)
}
