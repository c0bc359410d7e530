//! Leases in tasks that the handler spawns: their futures are `Send`. Futures in leases that others wait for.
#![deny(warnings)]

use shortlease::{Db, Error, Session, Sqlite, handler};
use shortlease_ui_tests::remote;
use tokio::task::JoinHandle;

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

#[handler]
async fn from_a_lease(db: &mut Session<Sqlite>) -> Result<[String; 3], Error> {
    let (block, boxed) = db
        .lease(async |conn| {
            let url: String =
                sqlx::query_scalar("SELECT url FROM tools WHERE id = 1").fetch_one(conn).await?;
            let block: JoinHandle<String> = tokio::spawn({
                let url = url.clone();
                async move { remote().await + &url }
            });
            let boxed = tokio::spawn(Box::pin(async move { remote().await + &url }));
            Ok((block, boxed))
        })
        .await?;
    let after = db
        .transaction(async |tx| {
            let id: i64 = sqlx::query_scalar("SELECT id FROM tools").fetch_one(tx).await?;
            Ok(async move { format!("{} {id}", remote().await) })
        })
        .await?;
    Ok([block.await.unwrap(), boxed.await.unwrap(), after.await])
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    let all: Vec<i64> = all(&db).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(all, [1, 2]);
    let answers = from_a_lease(&mut db.session()).await.unwrap();
    let answer = "http://remote answered";
    assert_eq!(answers, [format!("{answer}http://one"), format!("{answer}http://one"), format!("{answer} 1")]);
}
