// An upload is read field by field while the extractor's connection is held.
use axum::extract::{FromRef, FromRequestParts, Multipart};
use axum::http::request::Parts;
use sqlx::{Sqlite, SqlitePool, pool::PoolConnection};

pub struct Conn(PoolConnection<Sqlite>);

impl<S: Send + Sync> FromRequestParts<S> for Conn
where
    SqlitePool: FromRef<S>,
{
    type Rejection = UploadError;

    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, UploadError> {
        Ok(Conn(SqlitePool::from_ref(state).acquire().await?))
    }
}

pub async fn upload(
    mut conn: Conn, //~ SA006
    mut form: Multipart,
) -> Result<String, UploadError> {
    let mut stored = 0;
    while let Some(field) = form.next_field().await? { //~ SA006
        let bytes = field.bytes().await?; //~ SA006
        sqlx::query("INSERT INTO files (content) VALUES (?1)")
            .bind(bytes.to_vec())
            .execute(&mut *conn.0)
            .await?;
        stored += 1;
    }
    Ok(format!("{stored} stored"))
}
