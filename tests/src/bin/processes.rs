//! Several processes that start on one fresh SQLite file: `processes ROUNDS`. Each opens it, migrates it and writes to it.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use shortlease::{Db, Sqlite};
use shortlease_tests::wait;
use sqlx::migrate::Migrator;

const PROCESSES: usize = 8;

/// Where a process finds its directory.
const DIRECTORY: &str = "SHORTLEASE_PROCESSES";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    if let Some(directory) = env::var_os(DIRECTORY) {
        return work(Path::new(&directory)).await;
    }
    let rounds = env::args().nth(1).and_then(|rounds| rounds.parse().ok());
    let rounds = rounds.expect("processes ROUNDS");
    let failed: usize = (0..rounds).map(run_round).sum();
    println!("{failed} of {} processes failed, in {rounds} rounds", rounds * PROCESSES);
    assert_eq!(failed, 0);
}

/// Returns how many failed, and says why.
fn run_round(round: usize) -> usize {
    let directory = tempfile::tempdir().expect("a directory");
    let migrations = directory.path().join("migrations");
    let write = |path: &Path, content: &str| fs::write(path, content).expect("our directory");
    fs::create_dir(&migrations).expect("our directory");
    write(&migrations.join("1_notes.sql"), "CREATE TABLE notes (n INTEGER)");
    write(&migrations.join("2_more.sql"), "ALTER TABLE notes ADD COLUMN more TEXT");
    let start = || {
        Command::new(env::current_exe().expect("this program"))
            .env(DIRECTORY, directory.path())
            .stderr(Stdio::piped())
            .spawn()
            .expect("this program")
    };
    let processes: Vec<_> = (0..PROCESSES).map(|_| start()).collect();
    // All of them wait for it.
    write(&directory.path().join("go"), "");
    let mut failed = 0;
    for process in processes {
        let output = process.wait_with_output().expect("its end");
        if !output.status.success() {
            failed += 1;
            println!("round {round}: {}", String::from_utf8_lossy(&output.stderr));
        }
    }
    // Nobody has left the lock of the migrations.
    assert!(!directory.path().join("notes.db-migration").exists());
    failed
}

async fn work(directory: &Path) {
    wait::until("the others", async || directory.join("go").exists()).await;
    let url = format!("sqlite://{}?mode=rwc", directory.join("notes.db").display());
    let builder = Db::<Sqlite>::builder(url).connect_timeout(wait::LIMIT);
    let db = builder.acquire_timeout(wait::LIMIT).connect().await.expect("a database");
    let migrator = Migrator::new(directory.join("migrations")).await.expect("our migrations");
    db.migrate(&migrator).await.expect("migrations");
    let insert = sqlx::query("INSERT INTO notes VALUES (1, 'a')");
    db.session().execute(insert).await.expect("a write");
    let closed = db.close(Duration::from_secs(5)).await;
    assert!(closed.revoked.is_empty());
}
