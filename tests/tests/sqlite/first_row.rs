//! Statements of which the first row is wanted, and what becomes of the rest.

use shortlease::{Db, Session, Sqlite, handler};

async fn with_child(max_connections: u32) -> Db<Sqlite> {
    let db = Db::<Sqlite>::builder("sqlite::memory:").max_connections(max_connections);
    let db = db.connect().await.unwrap();
    let schema = "CREATE TABLE parent (id INTEGER PRIMARY KEY);
        CREATE TABLE child (parent INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)";
    db.session().execute(sqlx::raw_sql(schema)).await.unwrap();
    db
}

#[tokio::test]
async fn a_row_of_a_statement_that_fails_at_its_commit_is_no_answer() {
    let db = with_child(1).await;
    for insert in [
        "INSERT INTO child VALUES (7) RETURNING parent",
        "insert into child values (7) returning *",
    ] {
        let mut session = db.session();
        let named = session.fetch_one(sqlx::query_scalar::<_, i64>(insert)).await.map(drop);
        for answer in [named, session.fetch_one(sqlx::raw_sql(insert)).await.map(drop)] {
            let error = answer.unwrap_err().to_string();
            assert!(error.contains("FOREIGN KEY constraint failed"), "{error}");
        }
        let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM child");
        assert_eq!(db.session().fetch_one(count).await.unwrap(), 0);
    }
}

#[handler]
async fn first(db: &mut Session<Sqlite>, query: &'static str) -> Result<Option<i64>, sqlx::Error> {
    db.lease(async |conn| sqlx::query_scalar(query).fetch_optional(conn).await).await
}

#[tokio::test]
async fn the_first_of_several_rows_is_the_answer() {
    let db = with_child(1).await;
    let mut session = db.session();
    let insert = "INSERT INTO parent VALUES (1), (2), (3) RETURNING id";
    assert_eq!(first(&mut session, insert).await.unwrap(), Some(1));
    // Its rows have no end, and are not read.
    let endless =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    assert_eq!(first(&mut session, endless).await.unwrap(), Some(1));
    assert_eq!(
        first(&mut session, "DELETE FROM parent WHERE id > 9 RETURNING id").await.unwrap(),
        None
    );
    assert_eq!(first(&mut session, "SELECT count(*) FROM parent").await.unwrap(), Some(3));
}

#[tokio::test]
async fn the_statements_behind_it_are_run() {
    let db = with_child(1).await;
    let mut session = db.session();
    let text = "SELECT 7; INSERT INTO parent VALUES (1)";
    assert_eq!(first(&mut session, text).await.unwrap(), Some(7));
    session.fetch_one("SELECT 7; INSERT INTO parent VALUES (2); ").await.unwrap();
    assert_eq!(first(&mut session, "SELECT count(*) FROM parent;").await.unwrap(), Some(2));
}
