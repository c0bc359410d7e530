//! Leases in tasks that the handler spawns: their futures are `Send`.
#![deny(warnings)]

use shortlease::{Db, Error, Sqlite, handler};

#[handler(error = Error)]
async fn all(db: &Db<Sqlite>) -> Vec<Result<i64, Error>> {
    let mut tasks = Vec::new();
    for id in [1_i64, 2] {
        let mut session = db.session();
        tasks.push(tokio::spawn(async move {
            let id = session
                .transaction(async |tx| {
                    Ok(sqlx::query_scalar("SELECT id FROM tools WHERE id = $1")
                        .bind(id)
                        .fetch_one(tx)
                        .await?)
                })
                .await?;
            Ok(id)
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let all: Vec<i64> = all(&db).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(all, [1, 2]);
}
