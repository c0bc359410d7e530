//! Macros that look at places and move nothing, macros in constants, bodies that are fragments.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};

struct Tool {
    url: String,
}

macro_rules! size {
    () => {
        4
    };
}

macro_rules! handlers {
    ($name:ident, $db:ident, $body:expr) => {
        #[handler]
        async fn $name($db: &mut Session<Sqlite>) -> Result<i64, Error> {
            $body
        }
    };
}

handlers!(one, db, db.lease(async |conn| sqlx::query_scalar("SELECT 1").fetch_one(conn).await).await);

#[handler]
async fn looks(db: &mut Session<Sqlite>, tools: &[Tool]) -> Result<String, Error> {
    db.lease(async |conn| {
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        assert_eq!(tools.first().ok_or(Error::Closed)?.url, "http://one");
        Ok(format!("{}!", tools.first().ok_or(Error::Closed)?.url))
    })
    .await
}

#[handler]
async fn constant<const N: usize>(db: &mut Session<Sqlite>) -> Result<usize, Error> {
    db.lease(async |conn| {
        const { assert!(N > 0) };
        let sizes = [N; size!()];
        sqlx::query("DELETE FROM calls").execute(conn).await?;
        Ok(sizes.iter().sum())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    let tools = [Tool { url: "http://one".to_owned() }];
    assert_eq!(one(&mut session).await.unwrap(), 1);
    assert_eq!(looks(&mut session, &tools).await.unwrap(), "http://one!");
    assert_eq!(constant::<2>(&mut session).await.unwrap(), 8);
}
