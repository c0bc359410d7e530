//! Migrations of several instances at once.

use std::fs;
use std::time::Duration;

use futures_util::future::join_all;
use shortlease::{Db, Error};
use shortlease_tests::scratch::PostgresDatabase;
use shortlease_tests::wait;
use sqlx::migrate::Migrator;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

async fn migrator(files: &[(&str, &str)]) -> (TempDir, Migrator) {
    let directory = tempfile::tempdir().unwrap();
    for (name, sql) in files {
        fs::write(directory.path().join(name), sql).unwrap();
    }
    let migrator = Migrator::new(directory.path()).await.unwrap();
    (directory, migrator)
}

#[tokio::test]
async fn an_index_is_made_concurrently_by_two_instances() {
    let files = [
        ("1_notes.sql", "CREATE TABLE notes (n int)"),
        ("2_index.sql", "-- no-transaction\nCREATE INDEX CONCURRENTLY notes_n ON notes (n)"),
    ];
    let (_directory, migrator) = migrator(&files).await;
    for _ in 0..5 {
        let database = PostgresDatabase::new().await;
        let instances = [(); 2].map(|()| database.builder().connect_lazy().unwrap());
        let [one, other] = &instances;
        let (one, other) = tokio::join!(one.migrate(&migrator), other.migrate(&migrator));
        one.unwrap();
        other.unwrap();
        let valid = sqlx::query_scalar("SELECT bool_and(indisvalid) FROM pg_index");
        let valid: bool = instances[0].session().fetch_one(valid).await.unwrap();
        assert!(valid);
    }
}

/// Takes the lock that `sqlx` takes.
async fn locked(database: &PostgresDatabase) -> PgConnection {
    use sqlx::migrate::Migrate;
    let url = format!("{}?application_name=the_other", database.url());
    let mut other = PgConnection::connect(&url).await.unwrap();
    other.lock().await.unwrap();
    other
}

#[tokio::test]
async fn a_lock_that_nobody_gives_back_is_named() {
    let database = PostgresDatabase::new().await;
    let other = locked(&database).await;
    let (_directory, migrator) = migrator(&[("1_notes.sql", "CREATE TABLE notes (n int)")]).await;
    let builder = database.builder().migration_lock_timeout(Duration::from_millis(300));
    let db = builder.connect_lazy().unwrap();
    match db.migrate(&migrator).await {
        Err(Error::MigrationLocked { waited, holder, .. }) => {
            assert!(waited >= Duration::from_millis(300));
            assert!(holder.contains("the_other"), "{holder}");
        }
        other => panic!("{other:?}"),
    }
    other.close().await.unwrap();
    db.migrate(&migrator).await.unwrap();
}

#[tokio::test]
async fn one_that_is_dropped_leaves_no_session_behind() {
    let database = PostgresDatabase::new().await;
    let other = locked(&database).await;
    let (_directory, slow) = migrator(&[("1_slow.sql", "SELECT pg_sleep(600)")]).await;
    let db = database.builder().max_connections(20).connect_lazy().unwrap();
    let alone = async |what: &str| {
        wait::until(what, async || {
            let sessions = database.sessions().await;
            sessions.iter().all(|session| session.application_name == "the_other")
        })
        .await;
    };
    for _ in 0..3 {
        let dropped = tokio::time::timeout(Duration::from_millis(200), db.migrate(&slow)).await;
        assert!(dropped.is_err());
    }
    alone("the end of those that waited").await;
    other.close().await.unwrap();
    // In the middle of a migration.
    let migrating = tokio::spawn({
        let db = db.clone();
        async move { db.migrate(&slow).await }
    });
    wait::until("the migration", async || {
        database.sessions().await.iter().any(|session| session.query.contains("pg_sleep"))
    })
    .await;
    migrating.abort();
    alone("the end of the migration").await;
}

#[tokio::test]
async fn two_handles_of_one_process_migrate_one_file() {
    let files = [
        ("1_notes.sql", "CREATE TABLE notes (n INTEGER)"),
        ("2_more.sql", "ALTER TABLE notes ADD COLUMN more TEXT"),
    ];
    let (_directory, migrator) = migrator(&files).await;
    let file = shortlease_tests::scratch::SqliteFile::new();
    let handles =
        [(); 2].map(|()| Db::<shortlease::Sqlite>::builder(file.url()).connect_lazy().unwrap());
    let [one, other] = &handles;
    let (one, other) = tokio::join!(one.migrate(&migrator), other.migrate(&migrator));
    one.unwrap();
    other.unwrap();
}

#[tokio::test]
async fn two_tasks_of_one_process_migrate_one_database_in_memory() {
    let names: Vec<_> =
        (1..30).map(|n| (format!("{n}_t.sql"), format!("CREATE TABLE t{n} (a)"))).collect();
    let files: Vec<_> = names.iter().map(|(name, sql)| (name.as_str(), sql.as_str())).collect();
    let (_directory, migrator) = migrator(&files).await;
    let db = Db::<shortlease::Sqlite>::connect("sqlite::memory:").await.unwrap();
    let all = (0..3).map(|_| db.migrate(&migrator));
    for migrated in join_all(all).await {
        migrated.unwrap();
    }
}

/// Over a pool of sqlx, whose database in memory has a name like that of a file.
#[tokio::test]
async fn a_database_in_memory_is_migrated_without_a_file() {
    let (_directory, migrator) = migrator(&[("1_notes.sql", "CREATE TABLE notes (n)")]).await;
    let pool = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let name = pool.connect_options().get_filename().display().to_string();
    // Where the lock of a file would be.
    let in_the_way = format!("{name}-migration");
    std::fs::create_dir(&in_the_way).unwrap();
    let migrated = Db::builder_from_pool(pool).connect_lazy().unwrap().migrate(&migrator).await;
    std::fs::remove_dir(&in_the_way).unwrap();
    migrated.unwrap();
}

/// What is not about the lock is as it was.
#[tokio::test]
async fn a_migration_that_fails_gives_the_lock_back() {
    let database = PostgresDatabase::new().await;
    let (_directory, fails) = migrator(&[("1_fails.sql", "SELECT no_such")]).await;
    let db = database.builder().connect_lazy().unwrap();
    for _ in 0..2 {
        let failed = db.migrate(&fails).await;
        assert!(matches!(failed, Err(Error::Migrate(_))), "{failed:?}");
    }
    locked(&database).await.close().await.unwrap();
}
