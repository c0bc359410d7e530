//! Statements of which the first row is wanted, and what becomes of the rest.

use shortlease_tests::scratch::MySqlDatabase;

/// The subquery of the second row gives two.
const FAILS_LATER: &str =
    "SELECT (SELECT b.id FROM numbers b WHERE b.id >= a.id) FROM numbers a ORDER BY a.id DESC";

#[tokio::test]
async fn the_rest_of_an_answer_is_not_left_to_the_next_lease() {
    let database = MySqlDatabase::new().await;
    let db = database.builder().max_connections(1).connect().await.unwrap();
    let numbers =
        "CREATE TABLE numbers (id BIGINT PRIMARY KEY); INSERT INTO numbers VALUES (1), (2)";
    db.session().execute(sqlx::raw_sql(numbers)).await.unwrap();
    let mut session = db.session();
    for raw in [false, true] {
        let answer = match raw {
            true => session.fetch_one(sqlx::raw_sql(FAILS_LATER)).await.map(drop),
            false => session.fetch_one(sqlx::query_scalar::<_, i64>(FAILS_LATER)).await.map(drop),
        };
        let error = answer.unwrap_err().to_string();
        assert!(error.contains("more than 1 row"), "{error}");
        let next = sqlx::query_scalar::<_, i64>("SELECT id FROM numbers ORDER BY id");
        assert_eq!(session.fetch_one(next).await.unwrap(), 1);
        let next = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM numbers");
        assert_eq!(session.fetch_one(next).await.unwrap(), 2);
    }
}
