//! Settings that MariaDB has no use for, logins, and migrations of several instances.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shortlease::{Credentials, Db, Error, MySql, Pooler};
use shortlease_tests::mysql::{PASSWORD, Server, USER};
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;
use sqlx::Executor;
use sqlx::migrate::Migrator;
use tempfile::TempDir;

fn named(error: Result<impl std::fmt::Debug, Error>) -> &'static str {
    match error {
        Err(Error::Setting { setting, .. }) => setting,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn settings_of_others_are_refused() {
    let database = MySqlDatabase::new().await;
    let pooled = database.builder().pooler(Pooler::Transaction).connect().await;
    assert_eq!(named(pooled), "pooler");
    let set = database.builder().setting("lock_wait_timeout", "2").connect().await;
    assert_eq!(named(set), "setting");
    let unknown = Db::<MySql>::connect(&format!("{}?sslpassword={PASSWORD}", database.url())).await;
    let error = unknown.unwrap_err();
    assert!(error.to_string().contains("has the parameter `sslpassword`"), "{error}");
    assert!(!error.to_string().contains(PASSWORD), "{error}");
    let db = database.builder().connect().await.unwrap();
    let one = || sqlx::query("SELECT 1");
    assert_eq!(named(db.session().tenant("acme").execute(one()).await), "tenant");
    assert_eq!(named(db.session().setting("app.user", "7").execute(one()).await), "setting");
}

/// A lease's statements would be in a transaction that nobody commits.
#[tokio::test]
async fn autocommit_stays_on() {
    let database = MySqlDatabase::new().await;
    let off = database.builder().after_connect(|conn| {
        Box::pin(async move { conn.execute("SET autocommit = 0").await.map(drop) })
    });
    let error = off.connect().await.unwrap_err();
    assert!(error.to_string().contains("`after_connect` leaves"), "{error}");
}

#[tokio::test]
async fn autocommit_is_on_although_the_server_has_it_off() {
    let server = Server::start(&["--autocommit=OFF"]).await;
    let url = server.create_database("scratch_autocommit").await;
    let builder = Db::<MySql>::builder(&url).after_connect(|conn| {
        Box::pin(async move { conn.execute("SET @greeting = 'hello'").await.map(drop) })
    });
    let db = builder.connect().await.unwrap();
    let autocommit = || sqlx::query_scalar::<_, i64>("SELECT @@autocommit");
    assert_eq!(db.session().fetch_one(autocommit()).await.unwrap(), 1);
    let mut own = db.dedicated("a session without limits").await.unwrap();
    assert_eq!(autocommit().fetch_one(&mut *own).await.unwrap(), 1);
    own.close().await.unwrap();
}

#[tokio::test]
async fn both_schemes_are_known() {
    let database = MySqlDatabase::new().await;
    let url = database.url().replace("mysql:", "mariadb:");
    Db::<MySql>::connect(&*url).await.unwrap();
}

#[tokio::test]
async fn a_login_is_asked_for_and_asked_for_again_when_it_is_refused() {
    let database = MySqlDatabase::new().await;
    let asked = Arc::new(AtomicUsize::new(0));
    let url = database.url().replace(&format!("{USER}:{PASSWORD}"), "nobody:not-this");
    let builder = Db::<MySql>::builder(url).credentials({
        let asked = Arc::clone(&asked);
        move || {
            let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
            let password = if first { "that of yesterday" } else { PASSWORD };
            async move { Ok(Credentials::password(password).user(USER)) }
        }
    });
    let db = builder.connect().await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2);
    db.session().execute(sqlx::query("SELECT 1")).await.unwrap();
    let wrong = database.url().replace(PASSWORD, "wrong");
    let error = Db::<MySql>::connect(&*wrong).await.unwrap_err();
    assert!(error.to_string().contains("refused the user or its password"), "{error}");
    let wrong = database.url().replace(database.name(), "scratch_nowhere");
    let error = Db::<MySql>::connect(&*wrong).await.unwrap_err();
    assert!(error.to_string().contains("has no such database"), "{error}");
}

/// A new login may not see the sessions of the one before, which are there nevertheless.
#[tokio::test]
async fn a_session_outlives_the_login_of_new_ones() {
    let database = MySqlDatabase::new().await;
    let name = database.name();
    let next = format!("CREATE USER next_{name} IDENTIFIED BY 'next'");
    database.server().execute(next).await;
    database.server().execute(format!("GRANT ALL ON {name}.* TO next_{name}")).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let builder = database.builder().keepalive(Duration::from_millis(50)).credentials({
        let (asked, next) = (Arc::clone(&asked), format!("next_{name}"));
        move || {
            let login = match asked.fetch_add(1, Ordering::Relaxed) {
                0 => Credentials::password(PASSWORD).user(USER),
                _ => Credentials::password("next").user(&next),
            };
            async move { Ok(login) }
        }
    });
    let db = builder.connect_lazy().unwrap();
    let mut dedicated = db.dedicated("as the first login").await.unwrap();
    let looked_after = async |_: &mut sqlx::MySqlConnection| {
        wait::until("several looks", async || asked.load(Ordering::Relaxed) > 3).await;
    };
    dedicated.run(looked_after).await.unwrap();
}

async fn migrator(files: &[(&str, &str)]) -> (TempDir, Migrator) {
    let directory = tempfile::tempdir().unwrap();
    for (name, sql) in files {
        fs::write(directory.path().join(name), sql).unwrap();
    }
    let migrator = Migrator::new(directory.path()).await.unwrap();
    (directory, migrator)
}

#[tokio::test]
async fn two_instances_migrate_once() {
    let database = MySqlDatabase::new().await;
    let (_directory, migrator) = migrator(&[("1_notes.sql", "CREATE TABLE notes (n INT)")]).await;
    let [one, other] = [(); 2].map(|()| database.builder().connect_lazy().unwrap());
    let (first, second) = tokio::join!(one.migrate(&migrator), other.migrate(&migrator));
    first.unwrap();
    second.unwrap();
}

#[tokio::test]
async fn migrations_go_on_after_a_commit_that_would_end_their_session() {
    let server = Server::start(&["--completion-type=RELEASE"]).await;
    let url = server.create_database("scratch_released").await;
    let files = [
        ("1_notes.sql", "CREATE TABLE notes (n INT)"),
        ("2_more.sql", "CREATE TABLE more (n INT)"),
    ];
    let (_directory, migrator) = migrator(&files).await;
    Db::<MySql>::connect(&url).await.unwrap().migrate(&migrator).await.unwrap();
}

#[tokio::test]
async fn a_migration_that_others_wait_for_is_named_and_ends_with_its_instance() {
    let database = MySqlDatabase::new().await;
    let slow = [("1_notes.sql", "CREATE TABLE notes (n INT)"), ("2_slow.sql", "DO SLEEP(600)")];
    let (_directory, slow) = migrator(&slow).await;
    let db = database.builder().connect_lazy().unwrap();
    let migration = tokio::spawn(async move { db.migrate(&slow).await });
    let name = database.name();
    let sleeps = format!(
        "SELECT CAST(COALESCE(MAX(ID), 0) AS SIGNED) FROM {} \
         WHERE DB = '{name}' AND STATE = 'User sleep'",
        database.server().flavor().sessions()
    );
    let holder = async || database.server().number(sleeps.clone()).await;
    wait::until("the migration", async || holder().await > 0).await;
    let (_directory, quick) = migrator(&[("1_notes.sql", "CREATE TABLE notes (n INT)")]).await;
    let limit = Duration::from_millis(300);
    let db = database.builder().migration_lock_timeout(limit).connect_lazy().unwrap();
    match db.migrate(&quick).await {
        Err(Error::MigrationLocked { waited, holder: named, .. }) => {
            assert!(waited >= limit, "{waited:?}");
            assert_eq!(named, format!("connection {}", holder().await));
        }
        other => panic!("{other:?}"),
    }
    let db = database.builder().migration_lock_timeout(Duration::ZERO).connect_lazy().unwrap();
    match db.migrate(&quick).await {
        Err(Error::MigrationLocked { waited, .. }) => {
            assert!(waited < Duration::from_secs(1), "{waited:?}");
        }
        other => panic!("{other:?}"),
    }
    migration.abort();
    wait::until("the lock", async || db.migrate(&quick).await.is_ok()).await;
}
