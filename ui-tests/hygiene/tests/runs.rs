//! What compiles there also runs.

use lease::{Db, Sqlite};

#[tokio::test]
async fn the_expansions_run() {
    let db = Db::<Sqlite>::connect("sqlite::memory:").await.unwrap();
    let schema = "CREATE TABLE tools (id INTEGER, name TEXT); CREATE TABLE calls (id INTEGER); \
        INSERT INTO tools VALUES (7, 'hammer')";
    db.session().execute(sqlx::raw_sql(schema)).await.unwrap();
    let mut session = db.session();
    let call = tokio::spawn(async move { shortlease_hygiene::tool(&mut session, "hammer").await });
    assert_eq!(call.await.unwrap().unwrap(), "7-7");
}
