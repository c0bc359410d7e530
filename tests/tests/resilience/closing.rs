//! `close` returns when files and sessions are gone.

use std::fs;
use std::time::Duration;

use shortlease::{Db, Error, Session, Sqlite, handler};
use shortlease_tests::wait;

#[handler]
async fn write_for_ever(mut db: Session<Sqlite>) -> Result<(), Error> {
    db.transaction(async |tx| {
        let endless =
            "INSERT INTO notes WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) \
             SELECT n FROM n WHERE n < 0";
        sqlx::query("INSERT INTO notes VALUES (1)").execute(&mut *tx).await?;
        sqlx::query(endless).execute(tx).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_it_does_when_it_had_to_cut_a_lease() {
    for _ in 0..10 {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", directory.path().join("notes.db").display());
        let db = Db::<Sqlite>::builder(url).connect().await.unwrap();
        db.session().execute(sqlx::query("CREATE TABLE notes (n INTEGER)")).await.unwrap();
        let cut = tokio::spawn(write_for_ever(db.session()));
        wait::until("the statement", async || db.leases().iter().any(|l| l.in_query)).await;
        let report = db.close(Duration::from_millis(20)).await;
        assert_eq!(report.revoked.len(), 1);
        let files = fs::read_dir(directory.path()).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, ["notes.db"]);
        cut.await.unwrap().unwrap_err();
    }
}
