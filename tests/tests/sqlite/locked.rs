//! A file that somebody else has locked, and what was done until then.

use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use shortlease::{Builder, Db, Error, Session, Sqlite, WaitPhase, handler};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Executor, SqliteConnection};
use tempfile::TempDir;

/// A file without WAL, where readers and a COMMIT keep each other waiting.
struct File {
    _directory: TempDir,
    options: SqliteConnectOptions,
}

impl File {
    async fn with_notes() -> File {
        let directory = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("notes.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Delete)
            .busy_timeout(Duration::from_millis(100));
        let file = File { _directory: directory, options };
        file.other().await.execute("CREATE TABLE notes (n INTEGER)").await.unwrap();
        file
    }

    fn builder(&self) -> Builder<Sqlite> {
        Db::builder_with(self.options.clone())
    }

    /// Somebody else's connection.
    async fn other(&self) -> SqliteConnection {
        self.options.connect().await.unwrap()
    }
}

#[handler]
async fn write(mut db: Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (1)").execute(tx).await?;
        Ok(())
    })
    .await
}

async fn notes(db: &Db<Sqlite>) -> i64 {
    let count = sqlx::query_scalar("SELECT count(*) FROM notes");
    db.session().fetch_one(count).await.unwrap()
}

#[tokio::test]
async fn a_commit_that_readers_keep_waiting_has_done_nothing() {
    let file = File::with_notes().await;
    let db = file.builder().connect().await.unwrap();
    let mut reader = file.other().await;
    reader.execute("BEGIN; SELECT * FROM notes").await.unwrap();
    match write(db.session()).await {
        Err(Error::Busy(busy)) => {
            assert_eq!((busy.phase, busy.setting), (WaitPhase::WriteLock, "busy_timeout"));
            assert!(busy.waited >= Duration::from_millis(100), "{busy}");
        }
        other => panic!("{other:?}"),
    }
    reader.execute("ROLLBACK").await.unwrap();
    assert_eq!(notes(&db).await, 0);
    write(db.session()).await.unwrap();
    assert_eq!(notes(&db).await, 1);
}

/// The text's first statement has no row, so that the error is that of its second.
#[tokio::test]
async fn a_text_that_was_done_in_part_is_not_busy() {
    let file = File::with_notes().await;
    let db = file.builder().max_connections(1).after_connect(|conn| {
        let seen = "CREATE TEMP TABLE IF NOT EXISTS seen (n INTEGER)";
        Box::pin(async move { conn.execute(seen).await.map(drop) })
    });
    let db = db.connect().await.unwrap();
    assert_eq!(notes(&db).await, 0);
    let mut other = file.other().await;
    other.execute("BEGIN EXCLUSIVE").await.unwrap();
    let mut session = db.session();
    let text = "INSERT INTO temp.seen VALUES (1); SELECT n FROM notes";
    let answers = [
        session.fetch_one(text).await.map(drop),
        session.fetch_optional(text).await.map(drop),
        session.fetch_all(text).await.map(drop),
        session.execute(text).await.map(drop),
    ];
    for (nth, answer) in answers.into_iter().enumerate() {
        assert!(matches!(answer, Err(Error::Database(_))), "{nth}: {answer:?}");
    }
    let seen = sqlx::query_scalar::<_, i64>("SELECT count(*) FROM temp.seen");
    assert_eq!(session.fetch_one(seen).await.unwrap(), 4);
    // One statement alone has done nothing.
    let alone = session.fetch_one("SELECT n FROM notes").await;
    assert!(matches!(alone, Err(Error::Busy(_))), "{alone:?}");
}

/// The numbers of waits with an end, and in vain, since the last call.
fn waits(snapshotter: &Snapshotter) -> (usize, u64) {
    let (mut ended, mut in_vain) = (0, 0);
    for (key, .., value) in snapshotter.snapshot().into_vec() {
        match (key.key().name(), value) {
            ("db.client.connection.wait_time", DebugValue::Histogram(of)) => ended += of.len(),
            ("db.client.connection.timeouts", DebugValue::Counter(of)) => in_vain += of,
            _ => {}
        }
    }
    (ended, in_vain)
}

#[tokio::test]
async fn a_wait_in_vain_is_counted_as_that_alone() {
    let recorder = DebuggingRecorder::new();
    let _local = metrics::set_default_local_recorder(&recorder);
    let file = File::with_notes().await;
    let db = file.builder().connect().await.unwrap();
    let mut other = file.other().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    assert!(matches!(write(db.session()).await, Err(Error::Busy(_))));
    let snapshotter = recorder.snapshotter();
    assert_eq!(waits(&snapshotter), (0, 1));
    other.execute("ROLLBACK").await.unwrap();
    write(db.session()).await.unwrap();
    assert_eq!(waits(&snapshotter), (1, 0));
}
