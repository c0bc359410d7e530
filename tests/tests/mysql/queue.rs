use shortlease::{Error, MySql, Session, handler};

/// A claim on a job, for a minute.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) payload: String,
    attempt: i64,
}

#[handler]
pub(crate) async fn claim(db: &mut Session<MySql>) -> Result<Option<Job>, Error> {
    db.transaction(async |tx| {
        let free = "SELECT id, payload, attempt + 1 AS attempt FROM jobs
            WHERE done_at IS NULL AND claimed_until < now()
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED";
        let job: Option<Job> = sqlx::query_as(free).fetch_optional(&mut *tx).await?;
        if let Some(job) = &job {
            let claim = "UPDATE jobs SET attempt = ?, claimed_until = now() + INTERVAL 1 MINUTE
                WHERE id = ?";
            sqlx::query(claim).bind(job.attempt).bind(job.id).execute(tx).await?;
        }
        Ok(job)
    })
    .await
}

// Tests.

use shortlease_tests::scratch::MySqlDatabase;

const JOBS: &str = "
    CREATE TABLE jobs (
        id BIGINT PRIMARY KEY, payload TEXT NOT NULL, attempt BIGINT NOT NULL DEFAULT 0,
        claimed_until DATETIME NOT NULL DEFAULT '2000-01-01', done_at DATETIME
    );
    INSERT INTO jobs (id, payload) VALUES (1, 'one'), (2, 'two')";

#[tokio::test]
async fn a_job_is_claimed_once_and_no_lock_is_held_meanwhile() {
    let database = MySqlDatabase::new().await;
    let db = database.builder().connect().await.unwrap();
    db.session().execute(sqlx::raw_sql(JOBS)).await.unwrap();
    let (mut first, mut second) = (db.session(), db.session());
    let (first, second) = tokio::join!(claim(&mut first), claim(&mut second));
    let mut claimed = [first.unwrap().unwrap(), second.unwrap().unwrap()];
    claimed.sort_by_key(|job| job.id);
    assert_eq!(claimed.clone().map(|job| job.payload), ["one", "two"]);
    assert!(claim(&mut db.session()).await.unwrap().is_none());

    let over = "UPDATE jobs SET claimed_until = now() - INTERVAL 1 SECOND WHERE id = 1";
    db.session().execute(over).await.unwrap();
    let again = claim(&mut db.session()).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempt), (1, claimed[0].attempt + 1));
}
