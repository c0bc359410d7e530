//! Return types: an error of one's own, aliases, `anyhow`, `impl Trait`, none at all.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};

#[derive(Debug)]
pub struct ToolError(pub String);
impl<E: std::error::Error> From<E> for ToolError {
    fn from(error: E) -> Self {
        ToolError(error.to_string())
    }
}
type ToolResult<T> = Result<T, ToolError>;
mod alias {
    pub type Result<T> = std::result::Result<T, super::ToolError>;
}
type Outcome = Result<i64, ToolError>;

#[handler]
async fn own(db: &mut Session<Sqlite>) -> Result<i64, ToolError> {
    db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
}

#[handler]
async fn named_alias(db: &mut Session<Sqlite>) -> ToolResult<i64> {
    db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
}

#[handler]
async fn result_alias(db: &mut Session<Sqlite>) -> alias::Result<i64> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

#[handler(error = ToolError)]
async fn given(db: &mut Session<Sqlite>) -> Outcome {
    db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
}

#[handler]
async fn anyhow(db: &mut Session<Sqlite>) -> anyhow::Result<i64> {
    let one =
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await?;
    anyhow::ensure!(one == 1, "one is {one}");
    Ok(one)
}

#[handler]
async fn opaque_value(db: &mut Session<Sqlite>) -> Result<impl Into<i64>, ToolError> {
    db.lease(async |conn| Ok(sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(conn).await?)).await
}

#[handler]
async fn opaque_error(db: &mut Session<Sqlite>) -> Result<i64, impl std::fmt::Debug + use<>> {
    let one: Result<i64, Error> =
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await;
    one
}

#[handler]
async fn none(db: &mut Session<Sqlite>) -> i64 {
    let one = db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await;
    one.unwrap_or(0)
}

#[handler]
async fn annotated(db: &mut Session<Sqlite>) -> Option<i64> {
    db.lease(async |conn| -> Result<i64, ToolError> {
        Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)
    })
    .await
    .ok()
}

#[handler]
async fn database_error(db: &mut Session<Sqlite>) -> sqlx::Result<i64> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

#[tokio::main]
async fn main() {
    let db = shortlease_ui_tests::db().await;
    let db = &mut db.session();
    assert_eq!(own(db).await.unwrap(), 1);
    assert_eq!(named_alias(db).await.unwrap(), 1);
    assert_eq!(result_alias(db).await.unwrap(), 1);
    assert_eq!(given(db).await.unwrap(), 1);
    assert_eq!(anyhow(db).await.unwrap(), 1);
    assert_eq!(opaque_value(db).await.unwrap().into(), 1);
    assert_eq!(opaque_error(db).await.unwrap(), 1);
    assert_eq!(none(db).await, 1);
    assert_eq!(annotated(db).await, Some(1));
    assert_eq!(database_error(db).await.unwrap(), 1);
}
