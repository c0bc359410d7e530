//! Beside `#[async_trait]`: on the methods, and on the whole implementation above and below it.
#![deny(warnings)]

use async_trait::async_trait;
use shortlease::{Error, Session, Sqlite, handler};

#[async_trait]
trait Tool {
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<i64, Error>;
}

struct OnMethod;
#[async_trait]
impl Tool for OnMethod {
    #[handler]
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<i64, Error> {
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 1").fetch_one(conn).await?)).await
    }
}

struct Above;
#[handler]
#[async_trait]
impl Tool for Above {
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<i64, Error> {
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 2").fetch_one(conn).await?)).await
    }
}

struct Below;
#[async_trait]
#[handler]
impl Tool for Below {
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<i64, Error> {
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 3").fetch_one(conn).await?)).await
    }
}

#[derive(Debug)]
struct OwnError;

impl From<Error> for OwnError {
    fn from(_: Error) -> Self {
        OwnError
    }
}

#[async_trait]
trait Own {
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<i64, OwnError>;
}

#[handler]
#[async_trait]
impl Own for Above {
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<i64, OwnError> {
        db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 4").fetch_one(conn).await.map_err(Error::from)?)).await
    }
}

/// What `#[async_trait]` makes of a body does not end where the body ends.
#[async_trait]
impl Own for OnMethod {
    #[handler]
    async fn call(&self, db: &mut Session<Sqlite>) -> Result<i64, OwnError> {
        Ok(db.lease(async |conn| Ok(sqlx::query_scalar("SELECT 5").fetch_one(conn).await.map_err(Error::from)?)).await?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let tools: [&dyn Tool; 3] = [&OnMethod, &Above, &Below];
    for (tool, n) in tools.into_iter().zip(1..) {
        assert_eq!(tool.call(&mut db.session()).await.unwrap(), n);
    }
    assert_eq!(Own::call(&Above, &mut db.session()).await.unwrap(), 4);
    assert_eq!(Own::call(&OnMethod, &mut db.session()).await.unwrap(), 5);
}
