//! `migrate!`, through [`Db::migrate`](shortlease::Db::migrate), of a `Db` that has sessions of its own.

use std::fs;

use shortlease::Error;
use sqlx::migrate::Migrator;

use super::MIGRATIONS;
use super::fixture::Fixture;

const APPLIED: &str = "SELECT count(*) FROM _sqlx_migrations";

#[tokio::test]
async fn migrations_run_once() {
    let fixture = Fixture::with_tools().await;
    assert_eq!(fixture.number(APPLIED).await, 2);
    fixture.migrate(&MIGRATIONS).await.unwrap();
    assert_eq!(fixture.number(APPLIED).await, 2);
    assert_eq!(fixture.number("SELECT count(*) FROM tools").await, 3);
}

#[tokio::test]
async fn migrations_need_no_free_slot() {
    let fixture = Fixture::with(1, |settings| settings).await;
    let held = super::fixture::OpenLease::lease(&fixture.db).await;
    fixture.migrate(&MIGRATIONS).await.unwrap();
    held.end().await;
}

#[tokio::test]
async fn a_migration_that_fails_is_reported_and_undone() {
    let fixture = Fixture::with_tools().await;
    let directory = tempfile::tempdir().unwrap();
    for migration in MIGRATIONS.iter() {
        let name = format!("{}_{}.sql", migration.version, migration.description);
        fs::write(directory.path().join(name), migration.sql.as_str()).unwrap();
    }
    let fails = "UPDATE tools SET uses = 0; INSERT INTO tools VALUES (1, 'again', 0);";
    fs::write(directory.path().join("0003_fails.sql"), fails).unwrap();
    let migrator = Migrator::new(directory.path()).await.unwrap();
    let error = fixture.migrate(&migrator).await.unwrap_err();
    assert!(matches!(error, Error::Migrate(_)), "{error:?}");
    assert_eq!(fixture.number("SELECT uses FROM tools WHERE id = 1").await, 10);
    fixture.is_whole().await;
}
