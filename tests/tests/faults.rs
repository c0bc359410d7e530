//! Whatever happens to the database or on the way to it: no slot is lost, no answer is wrong, what was
//! reported as failed was not committed, and when the fault is over the pool is as before.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shortlease::{Db, Error, Postgres, Session, handler};
use shortlease_tests::faults::{World, fill_wal};
use shortlease_tests::mounts::{self, Disk, Mounts};
use shortlease_tests::postgres::Server;
use shortlease_tests::soak::{Round, list, soak};

const SEED: u64 = 20_260_726;

/// Runs `test` with mounts of its own, by itself: what it measures are times.
fn alone(name: &str, test: impl AsyncFnOnce(Option<Mounts>)) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    mounts::within(&["--exact", name, "--nocapture"], |mounts| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(test(mounts));
    });
}

async fn world(mounts: Option<Mounts>) -> World {
    let world = World::start(mounts).await;
    println!("\n{}; seed {SEED}", world.faults().1);
    println!("{:<42} {:>7} {:>9} {:>9}  failures", "fault", "answers", "recovered", "all slots");
    world
}

/// Prints and judges.
fn judge(round: &Round) {
    let Round { recovery, complete, findings, .. } = round;
    let failures = list(&findings.failures);
    let (name, answers) = (round.name(), findings.answers);
    println!("{name:<42} {answers:>7} {recovery:>9.1?} {complete:>9.1?}  {failures}");
    assert!(findings.wrong.is_empty(), "{}: {:#?}", round.name(), findings.wrong);
    assert!(findings.committed > 0 && findings.answers > findings.committed && findings.cuts > 0);
}

#[test]
fn every_fault_heals() {
    alone("every_fault_heals", async |mounts| {
        let mut world = world(mounts).await;
        for fault in world.faults().0 {
            let round = Round::play(&mut world, vec![fault], SEED).await;
            judge(&round);
            let seen = |sign: &&str| round.findings.failures.contains_key(*sign);
            assert!(fault.signs().iter().any(seen), "the load did not notice: {}", fault.name());
        }
    });
}

/// `cargo run --release -p shortlease-bench --bin soak` goes on for as long as it is told.
#[test]
fn half_a_minute_of_all_faults() {
    alone("half_a_minute_of_all_faults", async |mounts| {
        let mut world = world(mounts).await;
        soak(&mut world, Duration::from_secs(30), SEED, judge).await;
    });
}

#[handler]
async fn emit(db: &mut Session<Postgres>, bytes: i32) -> Result<(), Error> {
    db.transaction(async |tx| {
        let emit = "SELECT pg_logical_emit_message(true, 'test', repeat('x', $1))";
        sqlx::query(emit).bind(bytes).execute(tx).await?;
        Ok(())
    })
    .await
}

#[test]
fn a_commit_that_the_server_panics_at_has_an_unknown_outcome() {
    alone("a_commit_that_the_server_panics_at_has_an_unknown_outcome", async |mounts| {
        let Some(mounts) = mounts else {
            return println!("not tried, as no disk can be mounted");
        };
        let server = Server::builder()
            .wal(mounts.path(Disk::Wal))
            // Written at the COMMIT, and not before.
            .setting("wal_buffers", "16MB")
            .setting("wal_writer_delay", "10s")
            .start()
            .await;
        let db = Db::builder(server.url()).connect_lazy().unwrap();
        emit(&mut db.session(), 1).await.unwrap();
        fill_wal(&mounts, &mut server.admin().await).await;
        match emit(&mut db.session(), 1 << 20).await {
            Err(Error::CommitUnknown { cause: sqlx::Error::Database(source), .. }) => {
                assert_eq!(source.code().as_deref(), Some("53100"));
            }
            other => panic!("{other:?}"),
        }
        assert!(db.leases().is_empty());
    });
}

#[tokio::test]
async fn a_host_that_was_never_known_costs_no_slot() {
    let db = Db::<Postgres>::builder("postgres://app@nowhere.invalid/app")
        .max_connections(2)
        .connect_lazy()
        .unwrap();
    for _ in 0..5 {
        let (mut one, mut other) = (db.session(), db.session());
        let (one, other) = tokio::join!(
            one.execute(sqlx::query("SELECT 1")),
            other.execute(sqlx::query("SELECT 1")),
        );
        for answer in [one, other] {
            assert!(matches!(answer, Err(Error::Connect(sqlx::Error::Io(_)))), "{answer:?}");
        }
        assert!(db.leases().is_empty());
    }
}
