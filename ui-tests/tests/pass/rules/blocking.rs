//! Blocking calls where they cost no connection, and calls that only share their names.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use shortlease::{Error, Session, Sqlite, handler};

#[handler]
async fn outside_of_the_lease(db: &mut Session<Sqlite>) -> Result<(i64, u64), Error> {
    std::thread::sleep(Duration::from_millis(1));
    let hash = tokio::task::spawn_blocking(|| {
        std::thread::sleep(Duration::from_millis(1));
        7
    });
    let count = db
        .lease(async |conn| sqlx::query_scalar("SELECT count(*) FROM tools").fetch_one(conn).await)
        .await?;
    let hash = hash.await.map_err(|_| Error::Closed)?;
    Ok((count, hash))
}

/// Started in the lease, and waited for after it.
#[handler]
async fn on_another_thread(db: &mut Session<Sqlite>) -> Result<String, Error> {
    let thread = db
        .lease(async |conn| {
            let url: String =
                sqlx::query_scalar("SELECT url FROM tools WHERE id = 1").fetch_one(conn).await?;
            Ok(tokio::task::spawn_blocking(move || {
                std::thread::sleep(Duration::from_millis(1));
                url
            }))
        })
        .await?;
    thread.await.map_err(|_| Error::Closed)
}

#[handler]
async fn only_named_alike(db: &mut Session<Sqlite>) -> Result<String, Error> {
    db.lease(async |conn| {
        let url: String =
            sqlx::query_scalar("SELECT url FROM tools WHERE id = 1").fetch_one(conn).await?;
        let mut git = Command::new("git");
        git.arg(&url);
        let path = Path::new("/tools").join(&url);
        Ok([path.display().to_string(), format!("{:?}", git.get_program())].join(" "))
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let mut session = db.session();
    assert_eq!(outside_of_the_lease(&mut session).await.unwrap(), (2, 7));
    assert_eq!(on_another_thread(&mut session).await.unwrap(), "http://one");
    assert_eq!(only_named_alike(&mut session).await.unwrap(), "/tools/http://one \"git\"");
}
