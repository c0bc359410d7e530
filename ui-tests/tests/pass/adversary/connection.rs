//! Beside a connection that leaves its lease: values that do.
#![deny(warnings)]

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use shortlease::{Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;

thread_local! {
    static SEEN: RefCell<Vec<i64>> = const { RefCell::new(Vec::new()) };
}

#[handler]
async fn call_tool(db: &mut Session<Sqlite>) -> Result<(i64, String), Error> {
    let shelf = Arc::new(Mutex::new(None));
    let mut kept = Vec::new();
    let mut largest = 0;
    let render = db
        .lease(async |conn| {
            let ids: Vec<i64> = sqlx::query_scalar("SELECT id FROM tools").fetch_all(conn).await?;
            *shelf.lock().unwrap() = ids.first().copied();
            SEEN.with_borrow_mut(|seen| seen.extend(&ids));
            std::mem::swap(&mut kept, &mut vec![ids.len()]);
            largest = ids.iter().copied().max().unwrap_or_default();
            Ok(move || format!("{ids:?}"))
        })
        .await?;
    let task = tokio::spawn(async move { render() + &remote().await });
    assert_eq!(kept, [2]);
    assert_eq!(*shelf.lock().unwrap(), Some(1));
    Ok((largest, task.await.unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let (largest, rendered) = call_tool(&mut db.session()).await.unwrap();
    assert_eq!((largest, rendered.as_str()), (2, "[1, 2]http://remote answered"));
}
