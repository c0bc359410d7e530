//! Faults under load, one round after the other.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::faults::{CONNECTIONS, Fault, World};
use crate::load::{Findings, Load, all_at_once};
use crate::seeded_rng::SeededRng;
use crate::wait;

/// Clients: twice as many as connections.
const WORKERS: usize = 2 * CONNECTIONS;

/// What was struck, and what came of it.
pub struct Round {
    /// All of them at once.
    pub faults: Vec<Fault>,
    /// From the end of the fault to where nothing fails any more.
    pub recovery: Duration,
    /// From the end of the load to where all connections are in leases at once.
    pub complete: Duration,
    /// What the clients were told, and what is true.
    pub findings: Findings,
}

impl Round {
    /// Lets faults happen under load, and waits until all is well again.
    ///
    /// # Panics
    /// Where it does not become well.
    pub async fn play(world: &mut World, mut faults: Vec<Fault>, seed: u64) -> Round {
        faults.sort_unstable();
        let load = Load::start(&world.db, WORKERS, seed);
        load.clean().await;
        for fault in &faults {
            world.strike(*fault).await;
        }
        tokio::time::sleep(faults.iter().map(|fault| fault.lasts()).max().unwrap_or_default())
            .await;
        for fault in faults.iter().rev() {
            world.heal(*fault).await;
        }
        load.heal();
        let recovery = load.clean().await;
        let ledger = load.stop().await;
        assert!(world.db.leases().is_empty(), "somebody holds a connection and nobody works");
        let mut admin = world.admin().await;
        let stopped = Instant::now();
        wait::until("all connections", async || {
            all_at_once(&world.db, CONNECTIONS, &mut admin).await
        })
        .await;
        let complete = stopped.elapsed();
        let findings = ledger.check(&mut admin).await;
        sqlx::raw_sql("TRUNCATE entries").execute(&mut admin).await.expect("the entries");
        drop(admin);
        wait::until("sessions at rest", async || world.is_at_rest().await).await;
        Round { faults, recovery, complete, findings }
    }

    /// The faults, by name.
    pub fn name(&self) -> String {
        self.faults.iter().map(|fault| fault.name()).collect::<Vec<_>>().join(" + ")
    }
}

/// Rounds for so long, each fault once before any comes again, now and then two at once. `each` is shown
/// every round.
///
/// # Panics
/// As [`Round::play`].
pub async fn soak(world: &mut World, length: Duration, seed: u64, mut each: impl FnMut(&Round)) {
    let start = Instant::now();
    let mut rng = SeededRng::new(seed);
    let mut deck = Vec::new();
    while start.elapsed() < length {
        if deck.is_empty() {
            deck = world.faults().0;
            rng.shuffle(&mut deck);
        }
        let mut faults: Vec<_> = deck.pop().into_iter().collect();
        let second = deck.pop_if(|second| faults[0].goes_with(*second) && rng.below(3) == 0);
        faults.extend(second);
        let round = Round::play(world, faults, rng.below(u64::MAX)).await;
        each(&round);
    }
}

/// The rounds of one fault, or of all pairs.
#[derive(Default)]
pub struct Tally {
    /// How often it was struck.
    pub strikes: usize,
    /// All recovery times, shortest first.
    pub recoveries: Vec<Duration>,
    /// How long all connections took at most.
    pub complete: Duration,
    /// What clients were told.
    pub failures: BTreeMap<String, usize>,
}

impl Tally {
    /// Counts a round too.
    pub fn add(&mut self, round: &Round) {
        self.strikes += 1;
        let place = self.recoveries.partition_point(|recovery| *recovery <= round.recovery);
        self.recoveries.insert(place, round.recovery);
        self.complete = self.complete.max(round.complete);
        for (kind, failures) in &round.findings.failures {
            *self.failures.entry(kind.clone()).or_default() += failures;
        }
    }
}

/// In one line, the most frequent first.
pub fn list(failures: &BTreeMap<String, usize>) -> String {
    let mut failures: Vec<_> = failures.iter().collect();
    failures.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let failures: Vec<_> =
        failures.iter().map(|(kind, number)| format!("{kind} {number}")).collect();
    failures.join(", ")
}
