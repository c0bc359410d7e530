//! An error type of one's own, whose name other crates have too.

use shortlease::{Error, Session, Sqlite, handler};

#[derive(Debug)]
struct McpError(String);

impl<E: std::error::Error> From<E> for McpError {
    fn from(error: E) -> Self {
        McpError(error.to_string())
    }
}

#[handler]
async fn count(db: &mut Session<Sqlite>) -> Result<i64, McpError> {
    db.transaction(async |tx| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(tx).await)
        .await
}

/// A path of this crate's is its own, whatever its last name.
mod own {
    use super::{Error, Session, Sqlite, handler};

    #[derive(Debug)]
    pub(super) struct Response;

    impl From<Error> for Response {
        fn from(_: Error) -> Self {
            Response
        }
    }

    #[handler]
    pub(super) async fn one(db: &mut Session<Sqlite>) -> Result<i64, self::Response> {
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await.unwrap())).await
    }
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(count(&mut db.session()).await.unwrap(), 2);
    assert_eq!(own::one(&mut db.session()).await.unwrap(), 1);
    assert!(!McpError::from(Error::Closed).0.is_empty());
}
