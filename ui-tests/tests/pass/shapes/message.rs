//! Assertions that await and return: as lazy as anywhere, and with the words that the user wrote.

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, why: Option<&str>) -> Result<i64, Error> {
    db.lease(async |conn| {
        assert!(why.is_none(), "refused: {}", why.ok_or(Error::Closed)?);
        sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await
    })
    .await
}

#[handler]
async fn asserted(db: &mut Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        assert!(sqlx::query("SELECT 1").fetch_optional(conn).await?.is_none());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(call_tool(&mut db.session(), None).await.unwrap(), 2);
    let task = tokio::spawn(async move { asserted(&mut db.session()).await });
    let panic = task.await.unwrap_err().into_panic();
    let said = match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(panic) => panic.downcast::<&str>().unwrap().to_string(),
    };
    assert!(said.starts_with("assertion failed: sqlx::query(\"SELECT 1\")"), "{said}");
    assert!(!said.contains("__"), "{said}");
}
