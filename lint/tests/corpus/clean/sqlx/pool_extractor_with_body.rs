// The extractor gives the pool, so the body may take its time.
use axum::{
    Json,
    extract::{FromRef, FromRequestParts, Multipart},
    http::request::Parts,
};
use sqlx::PgPool;
use std::convert::Infallible;

pub struct Db(pub PgPool);

impl<S> FromRequestParts<S> for Db
where
    PgPool: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Db(PgPool::from_ref(state)))
    }
}

pub async fn upload(Db(db): Db, mut form: Multipart) -> Result<Json<usize>, UploadError> {
    let mut stored = 0;
    while let Some(field) = form.next_field().await? {
        let bytes = field.bytes().await?;
        sqlx::query("INSERT INTO files (content) VALUES ($1)")
            .bind(bytes.to_vec())
            .execute(&db)
            .await?;
        stored += 1;
    }
    Ok(Json(stored))
}
