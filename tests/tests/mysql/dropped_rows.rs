//! Rows that still come when their stream is dropped: what follows in the lease waits for them, and gives way meanwhile.

use std::time::{Duration, Instant};

use shortlease::{Conn, Error, MySql, Session, handler, leased};
use shortlease_tests::scratch::MySqlDatabase;
use shortlease_tests::wait;

/// Far above what a cut takes, and far below what reading all rows takes.
const CUT: Duration = Duration::from_secs(5);

#[leased]
async fn drop_after_first(conn: &mut Conn<MySql>) -> Result<(), sqlx::Error> {
    let many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 900) \
                SELECT 1 FROM n a CROSS JOIN n b CROSS JOIN n c CROSS JOIN n d";
    let mut rows = sqlx::query(many).fetch(conn);
    rows.try_next().await.map(drop)
}

#[handler]
async fn statement(db: &mut Session<MySql>) -> Result<(), Error> {
    db.lease(async |conn| {
        drop_after_first(conn).await?;
        sqlx::query("SELECT 1").execute(conn).await?;
        Ok(())
    })
    .await
}

#[handler]
async fn commit(db: &mut Session<MySql>) -> Result<(), Error> {
    db.transaction(async |tx| drop_after_first(tx).await).await
}

#[tokio::test]
async fn max_lease_cuts_what_follows_them() {
    let database = MySqlDatabase::new().await;
    let settings = database.builder().max_lease(Duration::from_secs(1));
    let db = settings.statement_timeout(wait::LIMIT).connect().await.unwrap();
    let mut session = db.session();
    for commits in [false, true] {
        let began = Instant::now();
        let cut = match commits {
            false => statement(&mut session).await,
            true => commit(&mut session).await,
        };
        assert!(matches!(cut, Err(Error::LeaseExpired { setting: "max_lease", .. })), "{cut:?}");
        assert!(began.elapsed() < CUT, "{:?}", began.elapsed());
        wait::until("the end of the statement", async || {
            db.status().recovering == 0 && !database.is_busy().await
        })
        .await;
    }
}
