//! Whatever happens to the database or on the way to it: no slot is lost, no answer is wrong, what was
//! reported as failed was not committed, and when the fault is over the pool is as before.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shortlease::{Db, Error, Postgres};
use shortlease_tests::faults::World;
use shortlease_tests::mounts;
use shortlease_tests::soak::{Round, list, soak};

const SEED: u64 = 20_260_726;

/// Runs `test` in a world of its own, by itself: what it measures are times.
fn alone(name: &str, test: impl AsyncFnOnce(&mut World)) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    mounts::within(&["--exact", name, "--nocapture"], |mounts| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::start(mounts).await;
            println!("\n{}; seed {SEED}", world.faults().1);
            println!(
                "{:<42} {:>7} {:>9} {:>9}  failures",
                "fault", "answers", "recovered", "complete"
            );
            test(&mut world).await;
        });
    });
}

/// Prints and judges.
fn judge(round: &Round) {
    let Round { recovery, complete, verdict, .. } = round;
    let failures = list(&verdict.failures);
    let (name, answers) = (round.name(), verdict.answers);
    println!("{name:<42} {answers:>7} {recovery:>9.1?} {complete:>9.1?}  {failures}");
    assert!(verdict.wrong.is_empty(), "{}: {:#?}", round.name(), verdict.wrong);
    assert!(verdict.committed > 0 && verdict.answers > verdict.committed && verdict.cuts > 0);
}

#[test]
fn every_fault_heals() {
    alone("every_fault_heals", async |world| {
        for fault in world.faults().0 {
            let round = Round::play(world, vec![fault], SEED).await;
            judge(&round);
            let seen = |sign: &&str| round.verdict.failures.contains_key(*sign);
            assert!(fault.signs().iter().any(seen), "the load did not notice: {}", fault.name());
        }
    });
}

#[test]
fn a_minute_of_all_faults() {
    alone("a_minute_of_all_faults", async |world| {
        soak(world, Duration::from_secs(60), SEED, judge).await;
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
