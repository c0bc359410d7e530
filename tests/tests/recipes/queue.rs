use shortlease::{Error, Postgres, Session, handler};

/// A claim on a job, for a minute.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) payload: String,
    /// Tells this claim from a later one of the same job.
    attempt: i64,
}

/// Claims the oldest job that nobody works on. The row is locked for this one statement: what keeps others off is the
/// time in it.
#[handler]
pub(crate) async fn claim(db: &mut Session<Postgres>) -> Result<Option<Job>, Error> {
    let claim = "UPDATE jobs SET attempt = attempt + 1, claimed_until = now() + interval '1 minute'
        WHERE id = (
            SELECT id FROM jobs WHERE done_at IS NULL AND claimed_until < now()
            ORDER BY id FOR UPDATE SKIP LOCKED LIMIT 1
        )
        RETURNING id, payload, attempt";
    db.fetch_optional(sqlx::query_as(claim)).await
}

/// Writes the result of a job and ends it, in one transaction. Returns `false`, and writes nothing, if the claim has run
/// out and another worker has the job.
#[handler]
pub(crate) async fn complete(
    db: &mut Session<Postgres>,
    job: &Job,
    result: &str,
) -> Result<bool, Error> {
    db.transaction(async |tx| {
        let done = "UPDATE jobs SET done_at = now() WHERE id = $1 AND attempt = $2";
        let done = sqlx::query(done).bind(job.id).bind(job.attempt).execute(tx).await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        let insert = sqlx::query("INSERT INTO results (job_id, text) VALUES ($1, $2)");
        insert.bind(job.id).bind(result).execute(tx).await?;
        Ok(true)
    })
    .await
}

// Tests.

use crate::remote::{database, number};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE jobs (
        id bigserial PRIMARY KEY, payload text NOT NULL, attempt bigint NOT NULL DEFAULT 0,
        claimed_until timestamptz NOT NULL DEFAULT '-infinity', done_at timestamptz
    );
    CREATE TABLE results (job_id bigint PRIMARY KEY, text text NOT NULL);";

#[tokio::test]
async fn a_job_is_done_once_and_no_lock_is_held_meanwhile() {
    let (scratch, db) = database(SCHEMA).await;
    let add = sqlx::query("INSERT INTO jobs (payload) VALUES ('one'), ('two')");
    db.session().execute(add).await.unwrap();
    let one = claim(&mut db.session()).await.unwrap().unwrap();
    let two = claim(&mut db.session()).await.unwrap().unwrap();
    assert_eq!((&*one.payload, &*two.payload), ("one", "two"));
    assert!(claim(&mut db.session()).await.unwrap().is_none());
    assert!(!scratch.in_transaction().await);

    assert!(complete(&mut db.session(), &two, "second").await.unwrap());
    assert_eq!(number(&db, "SELECT count(*) FROM results").await, 1);

    // The worker of the first was too slow: another claims its job.
    let over = sqlx::query("UPDATE jobs SET claimed_until = now() - interval '1 s'");
    db.session().execute(over).await.unwrap();
    let again = claim(&mut db.session()).await.unwrap().unwrap();
    assert_eq!(again.payload, "one");
    assert!(!complete(&mut db.session(), &one, "too late").await.unwrap());
    assert!(complete(&mut db.session(), &again, "first").await.unwrap());
    assert_eq!(number(&db, "SELECT count(*) FROM results WHERE text = 'too late'").await, 0);
    assert!(claim(&mut db.session()).await.unwrap().is_none());
}
