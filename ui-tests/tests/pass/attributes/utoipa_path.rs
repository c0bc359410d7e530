//! utoipa's `#[path]` above `#[handler]` and below it.

use shortlease::{Db, Session, Sqlite, handler};
use utoipa::OpenApi;

#[utoipa::path(get, path = "/above", responses((status = 200, body = i64)))]
#[handler]
async fn above(db: &mut Session<Sqlite>) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await
}

/// Documented.
#[handler]
#[utoipa::path(get, path = "/below", responses((status = 200, body = i64)))]
async fn below(db: &mut Session<Sqlite>) -> Result<i64, shortlease::Error> {
    db.lease(async |conn| sqlx::query_scalar("SELECT 2").fetch_one(conn).await).await
}

#[derive(OpenApi)]
#[openapi(paths(above, below))]
struct Api;

#[tokio::test]
async fn runs() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    assert_eq!(above(&mut db.session()).await.unwrap(), 1);
    assert_eq!(below(&mut db.session()).await.unwrap(), 2);
    let api = Api::openapi().to_json().unwrap();
    assert!(api.contains("/above") && api.contains("/below") && api.contains("Documented."));
}
