//! Macros whose value goes on, in closures without braces that are whole arguments.
#![deny(warnings)]

use shortlease::{Error, Session, Sqlite, handler};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! column {
    ($row:expr, $nth:expr) => {
        $row.get::<i64, _>($nth)
    };
}

macro_rules! rest {
    ($of:expr) => {
        $of % 10
    };
}

#[handler]
async fn sorted(db: &mut Session<Sqlite>) -> Result<(Vec<i64>, usize, i64), Error> {
    db.lease(async |conn| {
        let rows = sqlx::query("SELECT 12 AS n UNION ALL SELECT -21 UNION ALL SELECT 3");
        let mut all: Vec<i64> = rows
            .map(|row: SqliteRow| column!(row, 0).abs())
            .fetch_all(&mut *conn)
            .await?;
        all.sort_by(|a, b| rest!(a).cmp(&rest!(b)));
        let twos = all.iter().filter(|n| rest!(**n) == 2).count();
        let last = all.iter().fold(0, |_, n| match rest!(*n) {
            0 => -1,
            rest => rest,
        });
        Ok((all, twos, last))
    })
    .await
}

#[tokio::test]
async fn runs() {
    let db = shortlease_ui_tests::db().await;
    assert_eq!(sorted(&mut db.session()).await.unwrap(), (vec![21, 12, 3], 1, 3));
}
