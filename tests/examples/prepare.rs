//! Writes what the checked `query!` macros of the tests need to build without a database: `scripts/prepare`.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use shortlease::{Backend, Db};
use shortlease_tests::postgres::Server;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[tokio::main]
async fn main() {
    let data = Path::new(ROOT).join(".sqlx");
    let _ = fs::remove_dir_all(&data);
    fs::create_dir(&data).expect("a directory for the data");

    let directory = tempfile::tempdir().expect("a temporary directory");
    let sqlite = format!("sqlite://{}?mode=rwc", directory.path().join("prepare.db").display());
    prepare::<shortlease::Sqlite>("sqlite", &sqlite, &data).await;

    let postgres = Server::shared().await.create_database("prepare").await;
    prepare::<shortlease::Postgres>("postgres", &postgres, &data).await;
}

/// Builds one file of tests against a database that has the tables.
async fn prepare<DB: Backend>(test: &str, url: &str, data: &Path) {
    let db = Db::<DB>::connect(url).await.expect("a database");
    db.migrate(&sqlx::migrate!()).await.expect("migrations that fit");
    // The macros leave no trace of what they read, so cargo has to be told that it changed.
    let file = Path::new(ROOT).join("tests").join(test).with_extension("rs");
    let touched = fs::File::options().append(true).open(file).expect("the test");
    touched.set_modified(std::time::SystemTime::now()).expect("a new time");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--package", env!("CARGO_PKG_NAME"), "--test", test])
        .env("DATABASE_URL", url)
        .env("SQLX_OFFLINE", "false")
        .env("SQLX_OFFLINE_DIR", data)
        .status();
    assert!(status.expect("cargo").success(), "the tests have to build");
}
