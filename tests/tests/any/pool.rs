//! How leases share a few connections.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use shortlease::{Busy, Error, Session, WaitPhase, handler};
use shortlease_tests::wait::{self, LIMIT};

use tokio::runtime::Builder;
use tokio::time::timeout;

use super::Database;
use super::fixture::{Failure, Fixture, Gate, OpenLease, call, hold_lease};
use super::poll::{Moment, cancel_after, poll_once};

const SOON: Duration = Duration::from_millis(200);

/// Counts up, in a way that loses counts where two do it at once.
#[handler]
async fn use_tool(
    mut db: Session<Database>,
    fixture: Arc<Fixture>,
    peak: Arc<AtomicUsize>,
) -> Result<i64, Error> {
    let seen: i64 = db
        .lease(async |conn| {
            peak.fetch_max(fixture.db.leases().len(), Ordering::Relaxed);
            sqlx::query_scalar("SELECT uses FROM tools WHERE id = 2").fetch_one(conn).await
        })
        .await?;
    assert_eq!(seen, 20);
    db.transaction(async |tx| {
        peak.fetch_max(fixture.db.leases().len(), Ordering::Relaxed);
        sqlx::query("UPDATE tools SET uses = uses + 1 WHERE id = 1").execute(tx).await?;
        call(tx, "used").await?;
        sqlx::query_scalar("SELECT uses FROM tools WHERE id = 1").fetch_one(tx).await
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_leases_through_a_pool_of_two() {
    let fixture = Arc::new(Fixture::with_tools().await);
    let peak = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..500)
        .map(|_| use_tool(fixture.db.session(), Arc::clone(&fixture), Arc::clone(&peak)))
        .map(tokio::spawn)
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await.unwrap().unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (11..=510).collect::<Vec<i64>>(), "each sees its own and no other's");
    assert_eq!(fixture.calls("used").await, 500);
    assert_eq!(peak.load(Ordering::Relaxed), 2, "both connections were used, and no third");
    fixture.is_whole().await;
}

#[handler]
async fn record(mut db: Session<Database>, nth: usize) -> Result<(), Failure> {
    let output = nth.to_string();
    db.transaction(async |tx| {
        call(tx, &output).await?;
        call(tx, &output).await?;
        match nth % 4 {
            0 => Err(Failure::Refused),
            1 => panic!("on purpose"),
            _ => Ok(()),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_between_leases_that_fail() {
    let fixture = Fixture::with_tools().await;
    let tasks: Vec<_> = (0..200)
        .map(|nth| {
            let record = record(fixture.db.session(), nth);
            tokio::spawn(async move {
                match nth % 4 {
                    2 => cancel_after(nth / 4, Moment::Waiting, record).await,
                    _ => Some(record.await),
                }
            })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await);
    }
    fixture.is_whole().await;
    for (nth, outcome) in outcomes.into_iter().enumerate() {
        let calls = fixture.calls(&nth.to_string()).await;
        match outcome {
            Ok(Some(Ok(()))) => assert_eq!(calls, 2, "{nth} was committed"),
            Ok(Some(Err(Failure::Refused))) => assert_eq!(calls, 0, "{nth} was refused"),
            Ok(None) => assert!(calls == 0 || calls == 2, "{nth} was dropped: {calls} of 2"),
            Err(error) if error.is_panic() && nth % 4 == 1 => {
                assert_eq!(calls, 0, "{nth} panicked")
            }
            other => panic!("{nth}: {other:?}"),
        }
    }
}

/// Everything but the lease is done without a connection.
#[handler]
#[tokio::test]
async fn a_session_holds_one_connection_at_a_time() {
    let fixture = Fixture::with(4, |settings| settings).await;
    let mut db = fixture.db.session();
    assert_eq!(fixture.db.leases().len(), 0);
    for _ in 0..10 {
        db.lease(async |conn| {
            sqlx::query("SELECT 1").execute(conn).await?;
            assert_eq!(fixture.db.leases().len(), 1);
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(fixture.db.leases().len(), 0, "free as soon as the lease has ended");
        db.transaction(async |tx| {
            tx.savepoint(async |tx| {
                sqlx::query("SELECT 1").execute(tx).await?;
                assert_eq!(fixture.db.leases().len(), 1);
                Ok::<_, Error>(())
            })
            .await
        })
        .await
        .unwrap();
        assert_eq!(fixture.db.leases().len(), 0, "free as soon as the transaction has ended");
    }
}

#[tokio::test]
async fn a_slot_is_free_at_once_however_its_lease_ends() {
    let fixture = Fixture::with(1, |settings| settings).await;
    fixture.add_tools().await;
    for nth in [0, 3] {
        let _ = record(fixture.db.session(), nth).await;
        assert_eq!(fixture.db.leases().len(), 0);
    }
    assert!(tokio::spawn(record(fixture.db.session(), 1)).await.is_err());
    assert_eq!(fixture.db.leases().len(), 0);
    drop(OpenLease::lease(&fixture.db).await);
    assert_eq!(fixture.db.leases().len(), 0);
    drop(OpenLease::transaction(&fixture.db).await);
    assert_eq!(fixture.db.leases().len(), 0);
    fixture.is_whole().await;
}

#[handler]
async fn hold_here(mut db: Session<Database>, gate: Gate) -> Result<(), Error> {
    db.lease(async |conn| stay(conn, &gate).await).await
}
const HOLD_HERE: u32 = line!() - 2;

#[shortlease::leased]
async fn stay(conn: &mut shortlease::Conn<Database>, gate: &Gate) -> Result<(), sqlx::Error> {
    gate.enter();
    while !gate.is_open() {
        sqlx::query("SELECT 1").execute(conn).await?;
    }
    Ok(())
}

fn busy(outcome: Result<(), Error>) -> Busy {
    match outcome {
        Err(Error::Busy(busy)) => *busy,
        other => panic!("not busy: {other:?}"),
    }
}

#[tokio::test]
async fn exhaustion_ends_in_busy_in_time() {
    let fixture = Fixture::with(1, |settings| settings.acquire_timeout(SOON)).await;
    let held = OpenLease::lease(&fixture.db).await;
    let since = Instant::now();
    let error = hold_lease(fixture.db.session(), Gate::default()).await.unwrap_err();
    let waited = since.elapsed();
    assert!(error.is_retryable());
    let busy = busy(Err(error));
    assert!(SOON <= busy.waited && busy.waited <= waited, "{busy:?} after {waited:?}");
    assert!(waited < SOON + LIMIT / 6, "{waited:?}");
    assert_eq!(busy.phase, WaitPhase::Queue);
    held.end().await;
    fixture.is_whole().await;
}

#[tokio::test]
async fn busy_says_who_holds_the_connections() {
    let fixture = Fixture::with(4, |settings| settings.acquire_timeout(SOON)).await;
    let mut held = vec![OpenLease::by(|gate| hold_here(fixture.db.session(), gate)).await];
    for _ in 0..3 {
        held.push(OpenLease::lease(&fixture.db).await);
    }
    // Two more that wait for longer, and are not looked after.
    let patient = || fixture.db.session().acquire_timeout(LIMIT);
    let mut waiting = [(); 2].map(|()| Box::pin(hold_lease(patient(), Gate::default())));
    for waiting in &mut waiting {
        assert!(poll_once(waiting.as_mut()).await.is_none());
    }
    let error = hold_lease(fixture.db.session(), Gate::default()).await.unwrap_err();
    let message = error.to_string();
    let busy = busy(Err(error));
    assert_eq!((busy.max, busy.used, busy.idle, busy.waiting), (4, 4, 0, 2), "{busy}");
    assert_eq!(busy.holders.len(), 3, "the longest three");
    assert!(busy.holders.is_sorted_by(|one, next| one.age >= next.age), "{busy}");

    let longest = &busy.holders[0];
    assert_eq!(longest.site.function().as_deref(), Some(concat!(module_path!(), "::hold_here")));
    assert_eq!((longest.site.file(), longest.site.line()), (file!(), HOLD_HERE));
    assert!(longest.in_query, "{longest}");
    assert!(longest.age >= busy.waited, "it was there before: {busy}");
    for holder in &busy.holders[1..] {
        assert!(holder.site.function().unwrap().ends_with("::hold_lease"));
    }
    for part in [
        "`acquire_timeout`",
        "still waiting for a free connection",
        "4 of 4 in use, 0 idle, 2 waiting",
        "held longest by ",
        &format!("{}::hold_here ({}:{HOLD_HERE}) for ", module_path!(), file!()),
    ] {
        assert!(message.contains(part), "no {part:?} in: {message}");
    }
    drop(waiting);
    for held in held {
        held.end().await;
    }
    fixture.is_whole().await;
}

#[tokio::test]
async fn busy_counts_what_is_idle() {
    let fixture = Fixture::with(3, |settings| settings.acquire_timeout(SOON)).await;
    fixture.is_whole().await;
    let one = OpenLease::lease(&fixture.db).await;
    assert_eq!(fixture.db.leases().len(), 1);
    let (two, three) = (OpenLease::lease(&fixture.db).await, OpenLease::lease(&fixture.db).await);
    let error = hold_lease(fixture.db.session(), Gate::default()).await;
    assert_eq!(busy(error).used, 3);
    for held in [one, two, three] {
        held.end().await;
    }
}

/// Notes when it got its connection.
#[handler]
async fn take_a_number(
    mut db: Session<Database>,
    nth: usize,
    served: Arc<Mutex<Vec<usize>>>,
) -> Result<(), Error> {
    db.lease(async |conn| {
        served.lock().unwrap().push(nth);
        sqlx::query("SELECT 1").execute(conn).await?;
        Ok(())
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_first_is_served_first() {
    let fixture = Fixture::with(1, |settings| settings).await;
    let held = OpenLease::lease(&fixture.db).await;
    let served = Arc::new(Mutex::new(Vec::new()));
    let mut waiting: Vec<Pin<Box<dyn Future<Output = _> + Send>>> = Vec::new();
    for nth in 0..20 {
        let mut lease = Box::pin(take_a_number(fixture.db.session(), nth, Arc::clone(&served)));
        assert!(poll_once(lease.as_mut()).await.is_none());
        waiting.push(lease);
    }
    // Who leaves the queue makes place for the next.
    drop(waiting.remove(7));
    let tasks: Vec<_> = waiting.into_iter().rev().map(tokio::spawn).collect();
    held.end().await;
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    let order: Vec<usize> = (0..20).filter(|nth| *nth != 7).collect();
    assert_eq!(*served.lock().unwrap(), order);
}

#[handler]
async fn write_for_ever(mut db: Session<Database>) -> Result<(), Error> {
    db.transaction(async |tx| {
        loop {
            call(tx, "never kept").await?;
        }
    })
    .await
}

#[handler]
async fn take_all_time(mut db: Session<Database>) -> Result<(), Error> {
    db.lease(async |conn| {
        let spin = async |_: &mut _| {
            while !std::hint::black_box(false) {
                tokio::task::consume_budget().await;
            }
        };
        conn.unchecked("a test", spin).await;
        Ok(())
    })
    .await
}

/// A body that is always ready gives way when tokio says so, and only then.
#[tokio::test]
async fn a_body_that_never_waits_ends_at_its_bound() {
    let fixture = Fixture::with(1, |settings| settings.max_lease(SOON)).await;
    let lease = tokio::spawn(take_all_time(fixture.db.session()));
    wait::until("its end", async || lease.is_finished()).await;
    let outcome = lease.await.unwrap();
    assert!(matches!(outcome, Err(Error::LeaseExpired { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_lease_ends_at_its_bound() {
    let fixture = Fixture::with(1, |settings| settings.max_lease(SOON)).await;
    wait::until("the tools", async || {
        let tool = sqlx::query("INSERT INTO tools VALUES (1, 'one', 10)");
        fixture.db.session().execute(tool).await.is_ok()
    })
    .await;
    let error = write_for_ever(fixture.db.session()).await.unwrap_err();
    let Error::LeaseExpired { site, held, .. } = &error else { panic!("{error:?}") };
    assert_eq!(site.function().as_deref(), Some(concat!(module_path!(), "::write_for_ever")));
    assert!((SOON..SOON + LIMIT / 6).contains(held), "{held:?}");
    assert!(!error.is_retryable());
    assert!(error.to_string().contains("`max_lease`"), "{error}");
    assert_eq!(fixture.db.leases().len(), 0);
    wait::until("nothing to be left of it", async || {
        let calls = sqlx::query_scalar("SELECT count(*) FROM calls");
        fixture.db.session().fetch_one(calls).await.is_ok_and(|calls: i64| calls == 0)
    })
    .await;
    wait::until("the end of its transaction", async || !fixture.scratch.in_transaction().await)
        .await;
}

#[tokio::test]
async fn a_lease_that_nobody_polls_is_revoked() {
    let fixture = Fixture::with(1, |settings| settings.max_lease(SOON)).await;
    let forgotten = OpenLease::lease(&fixture.db).await;
    wait::until("its end", async || fixture.db.leases().is_empty()).await;
    wait::until("its slot", async || {
        fixture.db.session().execute(sqlx::query("SELECT 1")).await.is_ok()
    })
    .await;
    let error = timeout(LIMIT, forgotten.lease).await.expect("an end").unwrap_err();
    let Error::LeaseRevoked { site, .. } = &error else { panic!("{error:?}") };
    assert!(site.function().unwrap().ends_with("::hold_lease"));
}

/// As the tests of a crate do that share one handle.
#[test]
fn a_handle_serves_runtimes_that_come_and_go() {
    let stays = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fixture = stays.block_on(Fixture::new());
    for _ in 0..4 {
        let comes_and_goes = Builder::new_current_thread().enable_all().build().unwrap();
        comes_and_goes.block_on(async {
            fixture.db.session().execute(sqlx::query("SELECT 1")).await.unwrap();
        });
    }
    stays.block_on(fixture.is_whole());
}
