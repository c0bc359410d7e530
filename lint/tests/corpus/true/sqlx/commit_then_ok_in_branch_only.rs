// The last statement succeeds without an end for the transaction when the branch is not taken.
use sqlx::PgPool;

pub async fn promote(pool: &PgPool, user: i64) -> Result<(), sqlx::Error> {
    let mut tx = pool.begin().await?; //~ SA005
    let role: String = sqlx::query_scalar("UPDATE users SET seen = now() WHERE id = $1 RETURNING role")
        .bind(user)
        .fetch_one(&mut *tx)
        .await?;
    if role == "member" {
        sqlx::query("UPDATE users SET role = 'admin' WHERE id = $1")
            .bind(user)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        return Ok(());
    }
    Ok(())
}
