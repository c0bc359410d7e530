//! Several processes that start on one SQLite file.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use shortlease::{Db, Sqlite};
use shortlease_tests::wait;
use sqlx::migrate::Migrator;

const PROCESSES: usize = 8;
const ROUNDS: usize = 6;

/// Where a process finds its directory.
const DIRECTORY: &str = "SHORTLEASE_PROCESSES";

#[test]
fn eight_open_migrate_and_write_a_fresh_file() {
    for round in 0..ROUNDS {
        let directory = tempfile::tempdir().unwrap();
        let migrations = directory.path().join("migrations");
        fs::create_dir(&migrations).unwrap();
        fs::write(migrations.join("1_notes.sql"), "CREATE TABLE notes (n INTEGER)").unwrap();
        let more = "ALTER TABLE notes ADD COLUMN more TEXT";
        fs::write(migrations.join("2_more.sql"), more).unwrap();
        let start = || {
            Command::new(env::current_exe().unwrap())
                .args(["processes::one_of_them", "--exact", "--ignored", "--nocapture"])
                .env(DIRECTORY, directory.path())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let processes: Vec<_> = (0..PROCESSES).map(|_| start()).collect();
        // All of them wait for it.
        fs::write(directory.path().join("go"), "").unwrap();
        for process in processes {
            let output = process.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            let told = String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success(), "round {round}: {said}\n{told}");
        }
        assert!(!directory.path().join("notes.db-migration").exists());
    }
}

#[tokio::test]
#[ignore = "one process of the test above"]
async fn one_of_them() {
    let Some(directory) = env::var_os(DIRECTORY) else { return };
    let directory = Path::new(&directory);
    wait::until("the others", async || directory.join("go").exists()).await;
    let file = directory.join("notes.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let builder = Db::<Sqlite>::builder(url).connect_timeout(wait::LIMIT);
    let db = builder.acquire_timeout(wait::LIMIT).connect().await.unwrap();
    let migrator = Migrator::new(directory.join("migrations")).await.unwrap();
    db.migrate(&migrator).await.unwrap();
    db.session().execute(sqlx::query("INSERT INTO notes VALUES (1, 'a')")).await.unwrap();
    let closed = db.close(Duration::from_secs(5)).await;
    assert!(closed.revoked.is_empty());
}
