// A transaction extractor stands before the extractor that reads the body.
use axum::{
    Json,
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use sqlx::{PgPool, Postgres, Transaction};

pub struct Tx(pub Transaction<'static, Postgres>);

impl<S> FromRequestParts<S> for Tx
where
    PgPool: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ApiError;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let pool = PgPool::from_ref(state);
        Ok(Tx(pool.begin().await?))
    }
}

#[derive(serde::Deserialize)]
pub struct Comment {
    post: i64,
    text: String,
}

pub async fn add_comment(
    Tx(mut tx): Tx, //~ SA006
    Json(comment): Json<Comment>,
) -> Result<(), ApiError> {
    sqlx::query("INSERT INTO comments (post, text) VALUES ($1, $2)")
        .bind(comment.post)
        .bind(comment.text)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}
