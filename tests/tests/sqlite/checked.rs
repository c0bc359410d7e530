//! `query!` and its family. Their SQL is SQLite's alone, as `.sqlx/` has one entry for one text.

use shortlease::{Error, Session, handler};

use crate::in_file::any::Database;
use crate::in_file::any::fixture::Fixture;

#[derive(Debug, PartialEq)]
struct Tool {
    id: i64,
    url: String,
}

#[handler]
async fn add(db: &mut Session<Database>, id: i64, url: &str) -> Result<u64, Error> {
    db.transaction(async |tx| {
        let insert = sqlx::query!("INSERT INTO tools (id, url) VALUES (?1, ?2)", id, url);
        Ok(insert.execute(tx).await?.rows_affected())
    })
    .await
}

#[handler]
#[tokio::test]
async fn checked_queries_run_on_a_lease() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    assert_eq!(add(&mut db, 4, "four").await.unwrap(), 1);
    db.lease(async |conn| {
        let row = sqlx::query!("SELECT id, url, uses FROM tools WHERE id = ?1", 2_i64)
            .fetch_one(conn)
            .await?;
        assert_eq!((row.id, row.url.as_str(), row.uses), (2, "two", 20));
        let urls = sqlx::query!("SELECT url FROM tools WHERE id > ?1 ORDER BY id", 2_i64)
            .map(|row| row.url)
            .fetch_all(conn)
            .await?;
        assert_eq!(urls, ["three", "four"]);
        let tool = sqlx::query_as!(Tool, "SELECT id, url FROM tools WHERE url = ?1", "one")
            .fetch_optional(conn)
            .await?;
        assert_eq!(tool, Some(Tool { id: 1, url: "one".into() }));
        let mut uses =
            sqlx::query_scalar!("SELECT uses FROM tools WHERE id < ?1", 3_i64).fetch(conn);
        let mut sum = 0;
        while let Some(uses) = uses.try_next().await? {
            sum += uses;
        }
        drop(uses);
        assert_eq!(sum, 30);
        let tool =
            sqlx::query_file_as!(Tool, "tests/sqlite/tool.sql", 3_i64).fetch_one(conn).await?;
        assert_eq!(tool, Tool { id: 3, url: "three".into() });
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn checked_queries_are_one_statement_leases() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let delete = sqlx::query!("DELETE FROM tools WHERE id >= ?1", 2_i64);
    assert_eq!(db.execute(delete).await.unwrap().rows_affected(), 2);
    let urls = db.fetch_all(sqlx::query_scalar!("SELECT url FROM tools WHERE id > ?1", 0_i64));
    assert_eq!(urls.await.unwrap(), ["one"]);
}
