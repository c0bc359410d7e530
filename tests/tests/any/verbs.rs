//! What each verb gives for each kind of statement.

use std::cell::Cell;
use std::ops::{Deref, DerefMut};

use shortlease::{Error, Session, handler};
use sqlx::{QueryBuilder, Row};

use super::fixture::{Fixture, sql};
use super::{Database, Scratch};

const BY_ID: &str = "SELECT id, url, uses FROM tools WHERE id = $1";
const ALL: &str = "SELECT id, url, uses FROM tools ORDER BY id";
const ECHO: &str = "SELECT $1 + 0";
const NONE: &str = "SELECT id, url, uses FROM tools WHERE id > 3";

#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Tool {
    id: i64,
    url: String,
    uses: i64,
}

fn tools() -> Vec<Tool> {
    ["one", "two", "three"]
        .into_iter()
        .zip(1..)
        .map(|(url, id)| Tool { id, url: url.to_owned(), uses: 10 * id })
        .collect()
}

type DbRow = <Database as sqlx::Database>::Row;

fn url(row: DbRow) -> String {
    row.get("url")
}

fn two() -> Tool {
    tools().swap_remove(1)
}

#[handler]
#[tokio::test]
async fn query() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        let one = sqlx::query(sql(BY_ID)).bind(2_i64).fetch_one(conn).await?;
        assert_eq!(url(one), "two");
        let all = sqlx::query(ALL).fetch_all(conn).await?;
        assert_eq!(all.into_iter().map(url).collect::<Vec<_>>(), ["one", "two", "three"]);
        let some = sqlx::query(sql(BY_ID)).bind(3_i64).fetch_optional(conn).await?;
        assert_eq!(some.map(url).as_deref(), Some("three"));
        assert!(sqlx::query(NONE).fetch_optional(conn).await?.is_none());
        assert!(sqlx::query(NONE).fetch_all(conn).await?.is_empty());
        let missing = sqlx::query(NONE).fetch_one(conn).await;
        assert!(matches!(missing, Err(sqlx::Error::RowNotFound)));

        let touched = "UPDATE tools SET uses = uses + $1 WHERE id >= $2";
        let done = sqlx::query(sql(touched)).bind(1_i64).bind(2_i64).execute(conn).await?;
        assert_eq!(done.rows_affected(), 2);
        let done = sqlx::query(sql(touched)).bind(1_i64).bind(4_i64).execute(conn).await?;
        assert_eq!(done.rows_affected(), 0);

        let mut rows = sqlx::query(ALL).fetch(conn);
        let mut urls = Vec::new();
        while let Some(row) = rows.try_next().await? {
            urls.push(url(row));
        }
        assert_eq!(urls, ["one", "two", "three"]);
        assert!(rows.next().await.is_none(), "a stream that ended stays ended");
        Ok(())
    })
    .await
    .unwrap();
    let uses = sqlx::query_scalar::<_, i64>("SELECT uses FROM tools");
    assert_eq!(db.fetch_all(uses).await.unwrap().into_iter().sum::<i64>(), 62);
}

#[handler]
#[tokio::test]
async fn query_as() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        let one: Tool = sqlx::query_as(sql(BY_ID)).bind(2_i64).fetch_one(conn).await?;
        assert_eq!(one, two());
        let all: Vec<Tool> = sqlx::query_as(ALL).fetch_all(conn).await?;
        assert_eq!(all, tools());
        let some: Option<Tool> =
            sqlx::query_as(sql(BY_ID)).bind(2_i64).fetch_optional(conn).await?;
        assert_eq!(some, Some(two()));
        let none: Option<Tool> = sqlx::query_as(NONE).fetch_optional(conn).await?;
        assert_eq!(none, None);
        let missing = sqlx::query_as::<_, Tool>(NONE).fetch_one(conn).await;
        assert!(matches!(missing, Err(sqlx::Error::RowNotFound)));
        let pair: (i64, String) =
            sqlx::query_as("SELECT id, url FROM tools WHERE id = 1").fetch_one(conn).await?;
        assert_eq!(pair, (1, "one".to_owned()));

        let mut rows = sqlx::query_as::<_, Tool>(ALL).fetch(conn);
        let mut streamed = Vec::new();
        while let Some(tool) = rows.next().await {
            streamed.push(tool?);
        }
        assert_eq!(streamed, tools());
        Ok(())
    })
    .await
    .unwrap();
}

#[handler]
#[tokio::test]
async fn query_scalar() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        let one: String = sqlx::query_scalar(sql("SELECT url FROM tools WHERE id = $1"))
            .bind(2_i64)
            .fetch_one(conn)
            .await?;
        assert_eq!(one, "two");
        let all: Vec<i64> = sqlx::query_scalar(ALL).fetch_all(conn).await?;
        assert_eq!(all, [1, 2, 3]);
        let some: Option<i64> =
            sqlx::query_scalar(sql(BY_ID)).bind(3_i64).fetch_optional(conn).await?;
        assert_eq!(some, Some(3));
        let none: Option<i64> = sqlx::query_scalar(NONE).fetch_optional(conn).await?;
        assert_eq!(none, None);
        let first: Option<i64> = sqlx::query_scalar(ALL).fetch_optional(conn).await?;
        assert_eq!(first, Some(1), "the first of several rows");
        let first: i64 = sqlx::query_scalar(ALL).fetch_one(conn).await?;
        assert_eq!(first, 1, "the first of several rows");
        let null: Option<i64> =
            sqlx::query_scalar("SELECT max(id) FROM tools WHERE id > 3").fetch_one(conn).await?;
        assert_eq!(null, None);

        let mut rows = sqlx::query_scalar::<_, i64>(ALL).fetch(conn);
        let mut sum = 0;
        while let Some(id) = rows.try_next().await? {
            sum += id;
        }
        assert_eq!(sum, 6);
        Ok(())
    })
    .await
    .unwrap();
}

#[handler]
#[tokio::test]
async fn map_and_try_map() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        assert_eq!(sqlx::query(sql(BY_ID)).bind(1_i64).map(url).fetch_one(conn).await?, "one");
        assert_eq!(
            sqlx::query(sql(BY_ID)).bind(2_i64).map(url).fetch_optional(conn).await?.as_deref(),
            sqlx::query(sql(BY_ID))
                .bind(2_i64)
                .map(url)
                .fetch_all(conn)
                .await?
                .first()
                .map(|url| &**url),
        );
        let lengths = sqlx::query(ALL).map(url).map(|url| url.len()).fetch_all(conn).await?;
        assert_eq!(lengths, [3, 3, 5]);
        assert_eq!(sqlx::query(NONE).map(url).fetch_optional(conn).await?, None);

        let doubled = |row: DbRow| Ok(2 * row.try_get::<i64, _>("uses")?);
        assert_eq!(sqlx::query(ALL).try_map(doubled).fetch_all(conn).await?, [20, 40, 60]);
        let refused = sqlx::query(ALL)
            .try_map(|row: DbRow| row.try_get::<i64, _>("no such column"))
            .fetch_all(conn)
            .await;
        assert!(matches!(refused, Err(sqlx::Error::ColumnNotFound(_))));

        let mut rows = sqlx::query(ALL).map(url).fetch(conn);
        assert_eq!(rows.try_next().await?.as_deref(), Some("one"));
        drop(rows);
        // What was left of the rows is in nobody's way.
        assert_eq!(sqlx::query(sql(BY_ID)).bind(2_i64).map(url).fetch_one(conn).await?, "two");
        Ok(())
    })
    .await
    .unwrap();
    fixture.is_whole().await;
}

#[handler]
#[tokio::test]
async fn raw_sql() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        let several = "DELETE FROM tools WHERE id = 1; UPDATE tools SET uses = 0";
        let done = sqlx::raw_sql(several).execute(conn).await?;
        assert_eq!(done.rows_affected(), 3);
        let rows = sqlx::raw_sql("SELECT url FROM tools ORDER BY id").fetch_all(conn).await?;
        assert_eq!(rows.into_iter().map(url).collect::<Vec<_>>(), ["two", "three"]);
        let one = sqlx::raw_sql("SELECT url FROM tools WHERE id = 3").fetch_one(conn).await?;
        assert_eq!(url(one), "three");
        let first = sqlx::raw_sql("SELECT url FROM tools ORDER BY id").fetch_optional(conn).await?;
        assert_eq!(first.map(url).as_deref(), Some("two"));
        assert!(sqlx::raw_sql(NONE).fetch_optional(conn).await?.is_none());
        let mut rows = sqlx::raw_sql(ALL).fetch(conn);
        let mut count = 0;
        while rows.try_next().await?.is_some() {
            count += 1;
        }
        assert_eq!(count, 2);
        Ok(())
    })
    .await
    .unwrap();
}

#[handler]
#[tokio::test]
async fn query_builder() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    db.lease(async |conn| {
        let mut insert = QueryBuilder::<Database>::new("INSERT INTO tools (id, url) ");
        insert.push_values([(4_i64, "four"), (5, "five")], |mut row, (id, url)| {
            row.push_bind(id).push_bind(url);
        });
        assert_eq!(insert.build().execute(conn).await?.rows_affected(), 2);

        let mut select =
            QueryBuilder::<Database>::new("SELECT id, url, uses FROM tools WHERE id IN (");
        let mut ids = select.separated(", ");
        for id in [2_i64, 5] {
            ids.push_bind(id);
        }
        select.push(") ORDER BY id");
        let rows = select.build().fetch_all(conn).await?;
        assert_eq!(rows.into_iter().map(url).collect::<Vec<_>>(), ["two", "five"]);

        let mut select = QueryBuilder::<Database>::new(ALL);
        let first: Tool = select.build_query_as().fetch_one(conn).await?;
        assert_eq!(first.url, "one");
        let mut count = QueryBuilder::<Database>::new("SELECT count(*) FROM tools WHERE id > ");
        count.push_bind(1_i64);
        let count: i64 = count.build_query_scalar().fetch_one(conn).await?;
        assert_eq!(count, 4);
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn one_statement_leases() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    assert_eq!(db.fetch_one(sqlx::query_as(sql(BY_ID)).bind(2_i64)).await.ok(), Some(two()));
    assert_eq!(db.fetch_all(sqlx::query_as(ALL)).await.ok(), Some(tools()));
    assert_eq!(
        db.fetch_optional(sqlx::query_as(sql(BY_ID)).bind(2_i64)).await.unwrap(),
        Some(two())
    );
    assert_eq!(db.fetch_optional(sqlx::query_as::<_, Tool>(NONE)).await.unwrap(), None);
    assert_eq!(db.fetch_one(sqlx::query_scalar::<_, i64>(ALL)).await.unwrap(), 1);
    assert_eq!(db.fetch_optional(sqlx::query_scalar::<_, i64>(ALL)).await.unwrap(), Some(1));
    assert_eq!(db.fetch_one(sqlx::query(sql(BY_ID)).bind(3_i64).map(url)).await.unwrap(), "three");
    assert_eq!(url(db.fetch_one(sqlx::raw_sql(ALL)).await.unwrap()), "one");
    assert_eq!(url(db.fetch_one(QueryBuilder::new(ALL).build()).await.unwrap()), "one");
    let done =
        db.execute(sqlx::query(sql("DELETE FROM tools WHERE id > $1")).bind(1_i64)).await.unwrap();
    assert_eq!(done.rows_affected(), 2);
    let missing = db.fetch_one(sqlx::query(NONE)).await;
    assert!(matches!(missing, Err(shortlease::Error::Database(sqlx::Error::RowNotFound))));
    let wrong = db.execute(sqlx::query("DELETE FROM nothing")).await;
    assert!(matches!(wrong, Err(shortlease::Error::Database(sqlx::Error::Database(_)))));
    assert_eq!(fixture.number("SELECT count(*) FROM tools").await, 1);
}

#[handler]
#[tokio::test]
async fn bodies_of_one_statement() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let id = 2_i64;
    let one: Tool = db
        .lease(async |conn| sqlx::query_as(sql(BY_ID)).bind(id).fetch_one(&mut *conn).await)
        .await
        .unwrap();
    assert_eq!(one, two());
    let all = sqlx::query_as::<_, Tool>(ALL);
    let all = db.lease(async |conn| all.fetch_all(conn).await).await.unwrap();
    assert_eq!(all, tools());
    let none: Option<i64> =
        db.lease(async |conn| sqlx::query_scalar(NONE).fetch_optional(conn).await).await.unwrap();
    assert_eq!(none, None);
    let delete = "DELETE FROM tools WHERE id > $1";
    let done =
        db.lease(async |conn| sqlx::query(sql(delete)).bind(id).execute(conn).await).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    let done = db
        .transaction(async |tx| sqlx::query(sql(delete)).bind(id - 1).execute(&mut **tx).await)
        .await
        .unwrap();
    assert_eq!(done.rows_affected(), 1);
    assert_eq!(fixture.number("SELECT count(*) FROM tools").await, 1);

    let missing = db.lease(async |conn| sqlx::query(NONE).fetch_one(conn).await).await;
    assert!(matches!(missing, Err(Error::Database(sqlx::Error::RowNotFound))));
    let wrong =
        db.transaction(async |tx| sqlx::query("DELETE FROM nothing").execute(tx).await).await;
    assert!(matches!(wrong, Err(Error::Database(sqlx::Error::Database(_)))));
    fixture.is_whole().await;
}

/// What is locked for a statement is not held while the lease is waited for, nor after it.
#[handler]
#[tokio::test]
async fn a_body_of_one_statement_holds_nothing() {
    let fixture = Fixture::with(1, |settings| settings).await;
    let lock = tokio::sync::Mutex::new(1_i64);
    let hold = || lock.try_lock().unwrap();
    let echo = async || {
        let mut db = fixture.db.session();
        match db
            .lease(async |conn| {
                sqlx::query_scalar::<_, i64>(sql(ECHO)).bind(*hold()).fetch_one(conn).await
            })
            .await
        {
            Ok(n) => Ok(n + *hold()),
            Err(error) => Err(error),
        }
    };
    assert!(matches!(tokio::join!(echo(), echo()), (Ok(2), Ok(2))));
}

/// As of any call.
#[handler]
#[tokio::test]
async fn a_body_of_one_statement_leaves_its_session_to_the_statement() {
    struct Guard<'g>(Session<Database>, &'g Cell<bool>);
    impl Deref for Guard<'_> {
        type Target = Session<Database>;
        fn deref(&self) -> &Session<Database> {
            &self.0
        }
    }
    impl DerefMut for Guard<'_> {
        fn deref_mut(&mut self) -> &mut Session<Database> {
            &mut self.0
        }
    }
    impl Drop for Guard<'_> {
        fn drop(&mut self) {
            self.1.set(true);
        }
    }
    let fixture = Fixture::new().await;
    let gone = Cell::new(false);
    let open = || Guard(fixture.db.session(), &gone);
    match open()
        .lease(async |conn| {
            sqlx::query_scalar::<_, i64>(sql(ECHO)).bind(7_i64).fetch_one(conn).await
        })
        .await
    {
        Ok(n) => assert_eq!((n, gone.get()), (7, false)),
        Err(error) => panic!("{error}"),
    }
    assert!(gone.get());
}

/// Nothing of it is evaluated before the lease is open.
#[handler]
#[tokio::test]
async fn a_body_of_one_statement_runs_in_its_lease() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let open = || i64::try_from(fixture.db.leases().len()).unwrap();
    let within: i64 = db
        .lease(async |conn| sqlx::query_scalar(sql(ECHO)).bind(open()).fetch_one(conn).await)
        .await
        .unwrap();
    assert_eq!(within, 1);
}

#[handler]
#[tokio::test]
async fn a_failed_statement_leaves_the_lease_usable() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome = db
        .lease(async |conn| {
            let wrong = sqlx::query("SELECT no_such_column FROM tools").fetch_all(conn).await;
            assert!(matches!(wrong, Err(sqlx::Error::Database(_))));
            if Scratch::LEASES_ARE_TRANSACTIONS {
                return Ok(());
            }
            let mistyped =
                sqlx::query_scalar::<_, i64>("SELECT url FROM tools").fetch_one(conn).await;
            assert!(matches!(mistyped, Err(sqlx::Error::ColumnDecode { .. })));
            let twice = sqlx::query("INSERT INTO tools VALUES (1, 'again', 0)").execute(conn).await;
            assert!(twice.unwrap_err().into_database_error().unwrap().is_unique_violation());
            let all: Vec<i64> = sqlx::query_scalar(ALL).fetch_all(conn).await?;
            assert_eq!(all, [1, 2, 3]);
            Ok(())
        })
        .await;
    match outcome {
        Err(Error::TransactionAborted { .. }) if Scratch::LEASES_ARE_TRANSACTIONS => {}
        outcome => outcome.unwrap(),
    }
    fixture.is_whole().await;
}
