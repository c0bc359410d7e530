//! Beside other waits in a lease: tasks, channels, locks and cells before and after it.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::sync::{Mutex, OnceCell, mpsc, oneshot};
use tokio::task::JoinSet;

static CELL: OnceCell<String> = OnceCell::const_new();

#[handler]
async fn call_tool(db: &mut Session<Sqlite>, shared: &Mutex<String>) -> Result<usize, Error> {
    let cell = CELL.get_or_init(remote).await;
    let locked = shared.lock().await.clone();
    let (rows, mut read) = mpsc::unbounded_channel();
    let (done, finished) = oneshot::channel();
    db.lease(async |conn| {
        let mut urls = sqlx::query_scalar::<_, String>("SELECT url FROM tools").fetch(conn);
        while let Some(url) = urls.try_next().await? {
            // Neither waits.
            let _ = rows.send(url + cell + &locked);
        }
        let _ = done.send(());
        Ok(())
    })
    .await?;
    drop(rows);
    let mut calls = JoinSet::new();
    while let Some(_url) = read.recv().await {
        calls.spawn(remote());
    }
    assert!(finished.await.is_ok());
    Ok(calls.join_all().await.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let shared = Mutex::new("locked".to_owned());
    assert_eq!(call_tool(&mut db.session(), &shared).await.unwrap(), 2);
}
