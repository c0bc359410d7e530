//! Every kind of statement that `sqlx` builds, each verb, the connection under several names.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};
#[allow(unused_imports, reason = "code that is converted has it; the verbs of the connection come first")]
use sqlx::Executor;
use sqlx::{AssertSqlSafe, QueryBuilder, Row};

#[derive(sqlx::FromRow)]
struct Tool {
    id: i64,
    url: String,
}

#[handler]
async fn all(db: &mut Session<Sqlite>) -> Result<(i64, usize), Error> {
    db.transaction(async |tx| {
        sqlx::raw_sql("INSERT INTO tools VALUES (3, 'http://three', 0)").execute(&mut **tx).await?;
        let conn = &mut *tx;
        conn.execute("UPDATE tools SET url = 'http://one' WHERE id = 1").await?;
        let none = format!("SELECT id FROM tools WHERE id < {}", 0);
        assert_eq!(conn.fetch_all(AssertSqlSafe(none)).await?.len(), 0);
        let tool: Tool = sqlx::query_as("SELECT id, url FROM tools").fetch_one(&mut *conn).await?;
        let row = sqlx::query("SELECT id FROM tools").fetch_one(&mut *conn).await?;
        let mapped = sqlx::query("SELECT id FROM tools WHERE id = 3")
            .map(|row: sqlx::sqlite::SqliteRow| row.get::<i64, _>(0));
        let mapped = mapped.fetch_optional(&mut *conn).await?.unwrap_or(0);
        let mut built = QueryBuilder::new("SELECT id FROM tools WHERE id IN (");
        built.separated(", ").push_bind(1).push_bind(2);
        built.push(")");
        let built = built.build().fetch_all(conn).await?;
        let done = sqlx::query("DELETE FROM calls").execute(tx).await?;
        assert_eq!(done.rows_affected(), 0);
        Ok((tool.id + row.get::<i64, _>(0) + mapped, built.len() + tool.url.len()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(all(&mut db.session()).await.unwrap(), (5, 12));
}
