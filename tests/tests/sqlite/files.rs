//! Files that are no database, and what is set on those that are.

use std::fs;
use std::time::Duration;

use shortlease::{Db, Error, Sqlite, handler};
use shortlease_tests::scratch::SqliteFile;
use shortlease_tests::wait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{Connection, SqliteConnection};

use crate::in_file::any::fixture::{Failure, Fixture, call};
use crate::in_file::any::poll::poll_until;
use crate::in_file::any::settings::{PASSWORD, is_refused};

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes.txt");
    fs::write(
        &file,
        "not a database, but long enough to have what SQLite takes for a header\n".repeat(9),
    )
    .unwrap();
    for mode in ["", "?mode=rw", "?mode=rwc", "?mode=ro"] {
        let error =
            is_refused(Db::builder(format!("sqlite://{}{mode}", file.display())), "url").await;
        assert!(matches!(error, Error::Connect(_)), "{mode}: {error:?}");
        assert!(error.to_string().contains("not a database"), "{mode}: {error}");
    }
}

#[tokio::test]
async fn a_missing_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let missing = directory.path().join("missing.db");
    for url in [
        format!("sqlite://{}", missing.display()),
        format!("sqlite://{}?mode=ro", missing.display()),
        format!("sqlite://{}/deeper/missing.db?mode=rwc", directory.path().display()),
        format!("sqlite://{}?mode=rwc", directory.path().display()),
    ] {
        let error = is_refused(Db::builder(&url), "url").await;
        assert!(matches!(error, Error::Connect(_)), "{url}: {error:?}");
        assert!(error.to_string().contains("unable to open database file"), "{url}: {error}");
    }
    assert!(!missing.exists(), "it was not made");
}

#[tokio::test]
async fn a_file_that_is_locked_is_named() {
    let file = SqliteFile::new();
    let mut other = SqliteConnection::connect(&file.url()).await.unwrap();
    let lock = "PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE t (a); BEGIN EXCLUSIVE";
    sqlx::raw_sql(lock).execute(&mut other).await.unwrap();
    let builder = Db::<Sqlite>::builder(file.url()).connect_timeout(Duration::from_millis(100));
    let error = builder.connect().await.unwrap_err().to_string();
    assert!(error.contains("the file is locked by somebody else"), "{error}");
}

#[tokio::test]
async fn bad_urls_are_refused_without_a_word_of_them() {
    for url in [
        format!("postgres://app:{PASSWORD}@localhost/app"),
        format!("sqlite://app.db?password={PASSWORD}"),
        format!("sqlite://app.db?mode=sideways&password={PASSWORD}"),
        format!("sqlite://app.db?mode=rw&password={PASSWORD}"),
    ] {
        let error = is_refused(Db::builder(&url), "url").await;
        assert!(matches!(error, Error::Setting { setting: "url", .. }), "{url}: {error:?}");
    }
    // Names a file that cannot be there.
    is_refused(Db::builder(format!("sqlite://no-such-directory/{PASSWORD}.db")), "url").await;
}

/// As `sqlite://$FILE` is where `FILE` is not set.
#[tokio::test]
async fn a_url_that_names_no_file_is_refused() {
    let options = SqliteConnectOptions::new().filename("");
    let urls = ["sqlite:", "sqlite://", "sqlite://?mode=rwc"];
    let builders = urls.into_iter().map(Db::<Sqlite>::builder);
    for builder in builders.chain([Db::<Sqlite>::builder_with(options)]) {
        let error = builder.connect().await.unwrap_err();
        assert!(matches!(error, Error::Setting { setting: "url", .. }), "{error:?}");
        assert!(error.to_string().contains("names no file"), "{error}");
    }
}

#[tokio::test]
async fn files_are_kept_and_memory_is_not_shared() {
    let fixture = Fixture::with_tools().await;
    let again = Db::<Sqlite>::connect(fixture.scratch.url()).await.unwrap();
    let count = || sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tools");
    assert_eq!(again.session().fetch_one(count()).await.unwrap(), 3);

    let (one, two) = ("sqlite::memory:", "sqlite::memory:");
    let one = Db::<Sqlite>::connect(one).await.unwrap();
    let two = Db::<Sqlite>::connect(two).await.unwrap();
    one.session().execute(sqlx::query("CREATE TABLE tools AS SELECT 1 AS n")).await.unwrap();
    assert_eq!(one.session().fetch_one(count()).await.unwrap(), 1);
    two.session().fetch_one(count()).await.unwrap_err();
}

#[tokio::test]
async fn memory_outlives_its_connections() {
    let by_options: SqliteConnectOptions = "sqlite::memory:".parse().unwrap();
    for builder in [
        Db::<Sqlite>::builder("sqlite::memory:"),
        Db::<Sqlite>::builder("sqlite://memory-tests?mode=memory"),
        Db::<Sqlite>::builder("sqlite://file:memory-tests?mode=memory"),
        Db::<Sqlite>::builder_with(by_options),
    ] {
        let db = builder.idle_timeout(Duration::ZERO).connect().await.unwrap();
        let create =
            sqlx::raw_sql("CREATE TABLE kept AS SELECT 1 AS n; CREATE TEMP TABLE gone (n)");
        db.session().execute(create).await.unwrap();
        let count = async |sql: &'static str| {
            db.session().fetch_one(sqlx::query_scalar::<_, i64>(sql)).await
        };
        wait::until("another connection", async || {
            count("SELECT count(*) FROM gone").await.is_err()
        })
        .await;
        assert_eq!(count("SELECT count(*) FROM kept").await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_read_only_file_can_be_read() {
    let fixture = Fixture::with_tools().await;
    let url = fixture.scratch.url().replace("mode=rwc", "mode=ro");
    let readers = Db::<Sqlite>::connect(url).await.unwrap();
    let mut db = readers.session();
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM tools");
    assert_eq!(db.fetch_one(count).await.unwrap(), 3);
    db.execute(sqlx::query("DELETE FROM tools")).await.unwrap_err();
}

/// One whose journal is not WAL cannot be made WAL.
#[tokio::test]
async fn a_read_only_file_of_another_journal_is_opened_or_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("notes.db");
    let options = SqliteConnectOptions::new().filename(&file).create_if_missing(true);
    let deleted = options.clone().journal_mode(SqliteJournalMode::Delete);
    let mut connection = SqliteConnection::connect_with(&deleted).await.unwrap();
    sqlx::raw_sql("CREATE TABLE notes (n INTEGER)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    // As it is where its permissions are to read only, which root has not to heed.
    let read_only = options.read_only(true).create_if_missing(false);
    let as_by_url = read_only.journal_mode(SqliteJournalMode::Wal);
    let error = Db::builder_with(as_by_url).connect().await.unwrap_err();
    assert!(matches!(error, Error::Connect(_)), "{error:?}");
    assert!(error.to_string().contains("add `mode=ro` to the setting `url`"), "{error}");
    let db = Db::<Sqlite>::connect(format!("sqlite://{}?mode=ro", file.display())).await.unwrap();
    let count = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM notes");
    assert_eq!(db.session().fetch_one(count).await.unwrap(), 0);
}

#[handler]
#[tokio::test]
async fn readers_go_on_while_one_writes() {
    let fixture = Fixture::with_tools().await;
    assert_eq!(
        fixture.db.session().fetch_one(sqlx::query_scalar("PRAGMA journal_mode")).await.ok(),
        Some("wal".to_owned())
    );
    let readers = Db::<Sqlite>::connect(fixture.scratch.url()).await.unwrap();
    let reader = readers.session();
    let mut db = fixture.db.session();
    let looking = db
        .transaction(async |tx| {
            call(tx, "not yet").await?;
            Ok(tokio::spawn(look(reader)))
        })
        .await
        .unwrap();
    assert!(looking.await.unwrap().is_ok());
    assert_eq!(fixture.calls("not yet").await, 1);
}

#[handler]
async fn look(mut db: shortlease::Session<Sqlite>) -> Result<i64, Error> {
    db.fetch_one(sqlx::query_scalar("SELECT count(*) FROM calls")).await
}

/// Unlike PostgreSQL's, SQLite's transactions survive a statement that fails.
#[handler]
#[tokio::test]
async fn a_swallowed_error_does_not_end_a_transaction() {
    let fixture = Fixture::with_tools().await;
    let mut db = fixture.db.session();
    let outcome: Result<(), Failure> = db
        .transaction(async |tx| -> Result<(), Failure> {
            call(tx, "before").await?;
            let again = sqlx::query("INSERT INTO tools VALUES (1, 'again', 0)").execute(tx).await;
            assert!(again.is_err());
            call(tx, "after").await?;
            Ok(())
        })
        .await;
    outcome.unwrap();
    assert_eq!((fixture.calls("before").await, fixture.calls("after").await), (1, 1));
}

/// Two that read before they write: neither is refused, each waits for the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_wait_for_each_other() {
    let fixture = Fixture::with(8, |settings| settings.max_lease(Duration::from_secs(300))).await;
    fixture.add_tools().await;
    let tasks: Vec<_> =
        (0..40).map(|_| tokio::spawn(read_then_write(fixture.db.session()))).collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(fixture.number("SELECT uses FROM tools WHERE id = 1").await, 50);
}

#[handler]
async fn read_then_write(mut db: shortlease::Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        let uses: i64 =
            sqlx::query_scalar("SELECT uses FROM tools WHERE id = 1").fetch_one(tx).await?;
        let update = sqlx::query("UPDATE tools SET uses = $1 WHERE id = 1").bind(uses + 1);
        update.execute(tx).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn write_late(mut db: shortlease::Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| {
        sqlx::query(
            "INSERT INTO calls SELECT 1, 'late' FROM (WITH RECURSIVE n (i) AS \
             (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000) SELECT count(*) FROM n)",
        )
        .execute(conn)
        .await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_comes_next_does_not_wait_for_a_statement_that_was_dropped() {
    let fixture = Fixture::with(1, |settings| settings).await;
    fixture.add_tools().await;
    let mut late = Box::pin(write_late(fixture.db.session()));
    let running = || fixture.db.leases().iter().any(|holder| holder.in_query);
    assert!(poll_until(late.as_mut(), running).await.is_none());
    drop(late);
    assert_eq!(fixture.calls("late").await, 0, "it was waited for");
}

async fn ignores_foreign_keys(raw: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("PRAGMA foreign_keys = OFF").execute(raw).await?;
    Ok(())
}

#[handler]
async fn lend(mut db: shortlease::Session<Sqlite>) -> Result<(), Error> {
    db.lease(async |conn| conn.unchecked("a test", ignores_foreign_keys).await).await
}

#[tokio::test]
async fn what_unchecked_code_sets_goes_with_its_connection() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("app.db");
    let db = Db::<Sqlite>::connect(format!("sqlite://{}?mode=rwc", file.display())).await.unwrap();
    db.session().execute(sqlx::raw_sql("CREATE TABLE notes (n)")).await.unwrap();
    lend(db.session()).await.unwrap();
    // The last connection takes it along.
    let log = file.with_extension("db-wal");
    wait::until("its end", async || !log.exists()).await;
    let enforced = sqlx::query_scalar::<_, i64>("PRAGMA foreign_keys");
    assert_eq!(db.session().fetch_one(enforced).await.unwrap(), 1);
}
