//! Types that `sqlx` has to look up, in statements without a name.

use std::time::Duration;

use shortlease::{Db, Error, Pooler, Postgres, Session, handler};
use shortlease_tests::pgbouncer::PgBouncer;
use shortlease_tests::scratch::PostgresDatabase;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// New connections, each of which meets all types for the first time.
const CONNECTIONS: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, sqlx::Type)]
#[sqlx(type_name = "mood", rename_all = "lowercase")]
enum Mood {
    Fine,
    Bad,
}

#[derive(Clone, Debug, PartialEq, sqlx::Type)]
#[sqlx(type_name = "citext")]
struct Citext(String);

#[derive(Clone, Debug, PartialEq, sqlx::Type)]
#[sqlx(type_name = "place")]
struct Place {
    name: String,
    mood: Mood,
}

const SCHEMA: &str = "
    CREATE EXTENSION citext;
    CREATE TYPE mood AS ENUM ('fine', 'bad');
    CREATE TYPE place AS (name text, mood mood);
    CREATE DOMAIN positive AS int CHECK (VALUE > 0);
    CREATE TABLE t (m mood, n positive, c citext, p place, l mood[]);
    INSERT INTO t VALUES ('fine', 1, 'A', ('home', 'fine'), '{fine,bad}')";

/// Each in the middle of a lease, where an error would end its transaction.
#[handler]
async fn all(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&mut *conn).await?;
        let mood: Mood = sqlx::query_scalar("SELECT m FROM t").fetch_one(&mut *conn).await?;
        let positive: i32 = sqlx::query_scalar("SELECT n FROM t").fetch_one(&mut *conn).await?;
        let text: Citext = sqlx::query_scalar("SELECT c FROM t").fetch_one(&mut *conn).await?;
        let place: Place = sqlx::query_scalar("SELECT p FROM t").fetch_one(&mut *conn).await?;
        let moods: Vec<Mood> = sqlx::query_scalar("SELECT l FROM t").fetch_one(&mut *conn).await?;
        assert_eq!((one, mood, positive, text.0.as_str()), (1, Mood::Fine, 1, "A"));
        assert_eq!(place, Place { name: "home".to_owned(), mood });
        assert_eq!(moods, [Mood::Fine, Mood::Bad]);
        let row = sqlx::query("SELECT t FROM t").fetch_optional(&mut *conn).await?;
        assert!(row.is_some());
        let given: Mood = sqlx::query_scalar("SELECT $1").bind(mood).fetch_one(&mut *conn).await?;
        let cast = sqlx::query_scalar("SELECT $1::mood").bind("fine");
        let cast: Mood = cast.fetch_one(&mut *conn).await?;
        assert_eq!((given, cast), (mood, mood));
        let written = "UPDATE t SET l = $1, m = $2 RETURNING l";
        let written = sqlx::query_scalar(written).bind(moods.clone()).bind(mood);
        let written: Vec<Mood> = written.fetch_one(conn).await?;
        assert_eq!(written, moods);
        Ok(())
    })
    .await
}

async fn fail_on_no_connection(url: &str) {
    let mut failed = 0;
    for _ in 0..CONNECTIONS {
        let builder = Db::<Postgres>::builder(url).pooler(Pooler::Transaction).max_connections(1);
        let db = builder.connect_lazy().unwrap();
        failed += usize::from(all(&mut db.session()).await.is_err());
        // Later, each statement is two round trips, as others are.
        all(&mut db.session()).await.unwrap();
        let _ = db.close(Duration::from_secs(5)).await;
    }
    assert_eq!(failed, 0, "of {CONNECTIONS} connections");
}

#[tokio::test]
async fn types_are_known_at_the_first_try() {
    let database = PostgresDatabase::new().await;
    let mut admin = PgConnection::connect(&database.url()).await.unwrap();
    admin.execute(SCHEMA).await.unwrap();
    fail_on_no_connection(&database.url()).await;
    let bouncer = PgBouncer::start(database.server(), &[("ignore_startup_parameters", "")]).await;
    fail_on_no_connection(&bouncer.url(database.name())).await;
}

/// One that makes a type has not met it.
#[tokio::test]
async fn so_are_those_that_a_lease_has_just_made() {
    let database = PostgresDatabase::new().await;
    let builder = Db::<Postgres>::builder(database.url()).pooler(Pooler::Transaction);
    let db = builder.max_connections(1).connect_lazy().unwrap();
    db.session().execute(sqlx::raw_sql(SCHEMA)).await.unwrap();
    all(&mut db.session()).await.unwrap();
}

#[handler]
async fn slow(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query("SELECT c, pg_sleep(0.2) FROM t").fetch_one(conn).await?;
        Ok(())
    })
    .await
}

/// Of a text that was sent before, by both connections.
#[tokio::test]
async fn a_result_whose_type_has_changed_fails_once() {
    let database = PostgresDatabase::new().await;
    let builder = Db::<Postgres>::builder(database.url()).pooler(Pooler::Transaction);
    let db = builder.max_connections(2).connect_lazy().unwrap();
    db.session().execute(sqlx::raw_sql(SCHEMA)).await.unwrap();
    let both = async || {
        let (mut one, mut other) = (db.session(), db.session());
        tokio::join!(slow(&mut one), slow(&mut other))
    };
    let (one, other) = both().await;
    one.unwrap();
    other.unwrap();
    let changed = sqlx::raw_sql("ALTER TABLE t ALTER c TYPE mood USING 'fine'");
    db.session().execute(changed).await.unwrap();
    let error = slow(&mut db.session()).await.unwrap_err();
    let Error::Database(error) = error else { panic!("{error:?}") };
    assert_eq!(error.as_database_error().unwrap().code().unwrap(), "26000");
    let (one, other) = both().await;
    one.unwrap();
    other.unwrap();
}

/// It is the server that says what is missing.
#[tokio::test]
async fn an_argument_that_is_missing_is_named() {
    let database = PostgresDatabase::new().await;
    let builder = database.builder().pooler(Pooler::Transaction);
    let db = builder.connect_lazy().unwrap();
    let sum = sqlx::query("SELECT $1 + $2").bind(1);
    let error = db.session().execute(sum).await.unwrap_err().to_string();
    assert!(error.contains("supplies 1 parameters, but prepared statement"), "{error}");
    let wrong = AssertSqlSafe("SELECT no_such");
    let error = db.session().execute(sqlx::query(wrong)).await.unwrap_err().to_string();
    assert!(error.contains("column \"no_such\" does not exist"), "{error}");
}

/// A query that keeps no name by its own wish is one too.
#[tokio::test]
async fn without_a_pooler_too() {
    let database = PostgresDatabase::new().await;
    let builder = Db::<Postgres>::builder(database.url()).max_connections(1);
    let db = builder.connect_lazy().unwrap();
    db.session().execute(sqlx::raw_sql(SCHEMA)).await.unwrap();
    let mood = sqlx::query_scalar("SELECT m FROM t").persistent(false);
    let mood: Mood = db.session().fetch_one(mood).await.unwrap();
    assert_eq!(mood, Mood::Fine);
}
