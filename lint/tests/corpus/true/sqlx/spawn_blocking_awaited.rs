// A password is hashed on the blocking pool while the connection waits.
use sqlx::PgPool;
use tokio::task;

pub async fn change_password(
    pool: &PgPool,
    user: i64,
    old: String,
    new: String,
) -> Result<(), AuthError> {
    let mut conn = pool.acquire().await?;
    let hash: String = sqlx::query_scalar("SELECT password_hash FROM users WHERE id = $1")
        .bind(user)
        .fetch_one(&mut *conn)
        .await?;
    let fresh = task::spawn_blocking(move || {
        if bcrypt::verify(&old, &hash)? { bcrypt::hash(new, 12).map(Some) } else { Ok(None) }
    })
    .await??; //~ SA003
    let Some(fresh) = fresh else { return Err(AuthError::Wrong) };
    sqlx::query("UPDATE users SET password_hash = $1 WHERE id = $2")
        .bind(fresh)
        .bind(user)
        .execute(&mut *conn)
        .await?;
    Ok(())
}
