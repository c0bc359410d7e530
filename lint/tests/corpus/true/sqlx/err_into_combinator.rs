// The begin future goes through a combinator before it is awaited.
use futures::TryFutureExt;
use sqlx::PgPool;

pub async fn award(pool: &PgPool, badges: &BadgeApi, user: i64) -> Result<(), ApiError> {
    let mut tx = pool.begin().map_err(ApiError::Database).await?;
    let points: i64 = sqlx::query_scalar("SELECT points FROM users WHERE id = $1 FOR UPDATE")
        .bind(user)
        .fetch_one(&mut *tx)
        .err_into::<ApiError>()
        .await?;
    if points > 1000 {
        badges.award(user).await?; //~ SA001
    }
    sqlx::query("UPDATE users SET points = 0 WHERE id = $1").bind(user).execute(&mut *tx).await?;
    tx.commit().err_into().await
}

pub struct BadgeApi(reqwest::Client);

impl BadgeApi {
    pub async fn award(&self, user: i64) -> Result<(), reqwest::Error> {
        self.0.post("http://badges").body(user.to_string()).send().await?;
        Ok(())
    }
}
