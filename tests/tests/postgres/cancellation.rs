//! A lease dropped at any point leaves nothing behind: not on the connection, not in the database, not in
//! the pool.

use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::interrupt::Interrupt;
use shortlease_tests::postgres::{Activity, Server};
use shortlease_tests::scratch::builder;
use shortlease_tests::wait;
use sqlx::Row;

/// What is cut, each with two rows to write or none: `(n, 1)` and `(n, 2)`.
mod leases {
    use super::*;

    #[handler]
    pub(super) async fn read(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
        let read: i64 = db
            .lease(async |conn| sqlx::query_scalar("SELECT $1 + 0").bind(n).fetch_one(conn).await)
            .await?;
        assert_eq!(read, n);
        Ok(())
    }

    #[handler]
    pub(super) async fn write(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
        db.lease(async |conn| {
            sqlx::query("INSERT INTO notes VALUES ($1, 1), ($1, 2)").bind(n).execute(conn).await?;
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn transaction(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
        db.transaction(async |tx| {
            for part in 1..=2 {
                sqlx::query("INSERT INTO notes VALUES ($1, $2)")
                    .bind(n)
                    .bind(part)
                    .execute(&mut *tx)
                    .await?;
            }
            Ok(())
        })
        .await
    }

    #[handler]
    pub(super) async fn savepoint(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
        db.transaction(async |tx| {
            let first = "INSERT INTO notes VALUES ($1, 1)";
            sqlx::query(first).bind(n).execute(&mut *tx).await?;
            let undone: Result<(), Error> = tx
                .savepoint(async |tx| {
                    sqlx::query("INSERT INTO notes VALUES ($1, 3)").bind(n).execute(tx).await?;
                    Err(Error::Closed)
                })
                .await;
            assert!(matches!(undone, Err(Error::Closed)));
            tx.savepoint(async |tx| {
                sqlx::query("INSERT INTO notes VALUES ($1, 2)").bind(n).execute(tx).await?;
                Ok(())
            })
            .await
        })
        .await
    }

    #[handler]
    pub(super) async fn stream(db: &mut Session<Postgres>, n: i64) -> Result<(), Error> {
        let sum: i64 = db
            .lease(async |conn| {
                // More than one packet, so that it is cut in the middle of rows.
                let numbers =
                    "SELECT $1 + n, repeat('x', 500) FROM generate_series(1, 500::int8) AS n";
                let mut rows = sqlx::query_as::<_, (i64, String)>(numbers).bind(n).fetch(conn);
                let mut sum = 0;
                while let Some((row, _)) = rows.try_next().await? {
                    sum += row - n;
                }
                Ok(sum)
            })
            .await?;
        assert_eq!(sum, 500 * 501 / 2);
        Ok(())
    }

    #[handler]
    pub(super) async fn sleep(db: &mut Session<Postgres>, _: i64) -> Result<(), Error> {
        db.transaction(async |tx| {
            sqlx::query("INSERT INTO notes VALUES (-1, 1)").execute(&mut *tx).await?;
            sqlx::query("SELECT pg_sleep(600)").execute(tx).await?;
            Ok(())
        })
        .await
    }
}

/// What the next lease sees: a number that only it asks for, how many rows of `n` there are, and whether
/// a transaction was open already.
#[handler]
async fn look(db: &mut Session<Postgres>, n: i64) -> Result<(i64, i64, bool), Error> {
    db.lease(async |conn| {
        // In one message: its own transaction begins when it does.
        let begun = sqlx::raw_sql("SELECT now() <> statement_timestamp()");
        let in_transaction = begun.fetch_one(&mut *conn).await?.try_get(0)?;
        let look = "SELECT $1 + 1000000, (SELECT count(*) FROM notes WHERE id = $1)";
        let (echo, rows) = sqlx::query_as(look).bind(n).fetch_one(conn).await?;
        Ok((echo, rows, in_transaction))
    })
    .await
}

async fn with_notes(name: &str) -> (&'static Server, Db<Postgres>) {
    with_notes_for(name, 1).await
}

async fn with_notes_for(name: &str, leases: u32) -> (&'static Server, Db<Postgres>) {
    let (server, builder) = builder(name).await;
    let db = builder.max_connections(leases).connect_lazy().unwrap();
    let table = "CREATE TABLE notes (id bigint, part integer)";
    db.session().execute(sqlx::raw_sql(table)).await.unwrap();
    (server, db)
}

/// Until the one session has been reset, which is the last step of recovery.
async fn recovered(server: &Server, name: &str) {
    wait::until("recovery", async || {
        let sessions = server.sessions(name).await;
        sessions.iter().all(|s| is_idle(s) && s.query.contains("CLOSE ALL"))
    })
    .await;
}

fn is_idle(session: &Activity) -> bool {
    session.state.as_deref() == Some("idle")
}

/// Cuts a lease at every poll; both ways to cut it, and with the next lease at once or after recovery.
macro_rules! at_every_poll {
    ($($lease:ident $rows:expr;)*) => {$(
        mod $lease {
            use super::*;

            #[tokio::test]
            async fn dropped() {
                at_every_poll(Interrupt::Drop).await;
            }

            #[tokio::test]
            async fn panicking() {
                at_every_poll(Interrupt::Panic).await;
            }

            async fn at_every_poll(cut: Interrupt) {
                let name = concat!("cut_", stringify!($lease)).to_owned() + &format!("_{cut:?}");
                let (server, db) = with_notes(&name).await;
                for polls in 0.. {
                    // Twice, so that the second time the statements are prepared.
                    for n in [2 * polls, 2 * polls + 1] {
                        let id = n as i64;
                        let mut session = db.session();
                        let lease = leases::$lease(&mut session, id);
                        let done = cut.after(polls, lease).await;
                        assert!(db.leases().is_empty(), "{polls} polls: the slot is not free");
                        if let Some(done) = &done {
                            done.as_ref().unwrap();
                        }
                        if n % 2 == 0 {
                            wait::until("recovery", async || {
                                server.sessions(&name).await.iter().all(is_idle)
                            })
                            .await;
                        }
                        let (echo, rows, in_transaction) =
                            look(&mut db.session(), id).await.unwrap();
                        assert_eq!(echo, id + 1_000_000, "{polls} polls");
                        assert!(!in_transaction, "{polls} polls");
                        let whole: i64 = $rows;
                        assert!(rows == 0 || rows == whole, "{polls} polls: {rows} rows");
                        wait::until("no open transaction", async || {
                            server.sessions(&name).await.iter().all(is_idle)
                        })
                        .await;
                        if done.is_some() {
                            assert_eq!(rows, whole);
                            if n % 2 == 1 {
                                assert!(polls > 0, "it was never cut");
                                return;
                            }
                        }
                    }
                }
            }
        }
    )*};
}

at_every_poll! {
    read 0;
    write 2;
    transaction 2;
    savepoint 2;
    stream 0;
}

/// Until a statement that never ends by itself runs.
async fn running(server: &Server, name: &str) {
    wait::until("the statement", async || {
        let sessions = server.sessions(name).await;
        sessions
            .iter()
            .any(|s| s.state.as_deref() == Some("active") && s.query.contains("pg_sleep"))
    })
    .await;
}

#[tokio::test]
async fn a_running_statement_is_cancelled_and_its_connection_kept() {
    // Room for the next lease beside the connection that may be on its way back.
    let (server, db) = with_notes_for("cut_running", 2).await;
    let before = server.sessions("cut_running").await;
    let mut session = db.session();
    {
        let mut lease = std::pin::pin!(leases::sleep(&mut session, 0));
        tokio::select! {
            biased;
            done = &mut lease => panic!("it sleeps: {done:?}"),
            () = running(server, "cut_running") => {}
        }
    }
    recovered(server, "cut_running").await;
    let (echo, rows, in_transaction) = look(&mut session, -1).await.unwrap();
    assert_eq!((echo, rows, in_transaction), (999_999, 0, false));
    let after = server.sessions("cut_running").await;
    let kept = after.iter().any(|session| session.pid == before[0].pid);
    assert!(kept, "the connection was closed: {before:?}, {after:?}");
}

#[tokio::test]
async fn nothing_is_cancelled_where_nothing_runs() {
    let (server, db) = with_notes("cut_between").await;
    let idle = server.sessions("cut_between").await;
    let mut session = db.session();
    let panicked = tokio::spawn(async move { panics(&mut session).await }).await;
    assert!(panicked.unwrap_err().is_panic());
    recovered(server, "cut_between").await;
    look(&mut db.session(), 0).await.unwrap();
    let after = server.sessions("cut_between").await;
    assert_eq!(idle.len(), after.len());
    assert_eq!(idle[0].pid, after[0].pid);
}

#[handler]
async fn panics(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        sqlx::query("INSERT INTO notes VALUES (7, 1)").execute(tx).await?;
        if true {
            std::panic::resume_unwind(Box::new("in the body"));
        }
        Ok(())
    })
    .await
}

#[handler]
async fn goes_on_after_an_answer_that_is_not_understood(
    db: &mut Session<Postgres>,
) -> Result<(), Error> {
    db.lease(async |conn| {
        // The server waits for rows, which `sqlx` does not expect.
        let copy = sqlx::raw_sql("COPY notes FROM STDIN").execute(&mut *conn).await;
        assert!(matches!(copy, Err(sqlx::Error::Protocol(_))), "{copy:?}");
        sqlx::query("SELECT 1").execute(conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_lease_does_not_go_on_after_an_answer_that_is_not_understood() {
    let (_, builder) = builder("cancel_copy").await;
    let db = builder.max_connections(1).connect().await.unwrap();
    db.session().execute("CREATE TABLE notes (n INT)").await.unwrap();
    let outcome = goes_on_after_an_answer_that_is_not_understood(&mut db.session()).await;
    let Err(Error::Database(error)) = outcome else { panic!("{outcome:?}") };
    assert!(error.to_string().contains("broke the connection"), "{error}");
    db.session().execute("SELECT 1").await.unwrap();
}
