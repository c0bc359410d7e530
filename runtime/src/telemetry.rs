use std::cmp::Ordering::{Equal, Greater, Less};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use metrics::{
    Counter, Gauge, Histogram, Key, Label, Level, Metadata, SharedString, Unit, describe_counter,
    describe_gauge, describe_histogram,
};

use crate::call_site::CallSite;
use crate::error::WaitPhase;
use crate::lease_state::LeaseState;
use crate::status::Status;

/// No more often than this.
const PRESSURE: Duration = Duration::from_secs(1);

/// The figures of one pool, for whichever recorder was installed before its first lease: handles are
/// asked for once, and kept.
pub(crate) struct Telemetry {
    pool: SharedString,
    max: u32,
    phases: PossiblePhases,
    meters: OnceLock<Meters>,
    sites: RwLock<HashMap<CallSite, Arc<SiteMeters>>>,
    began: Instant,
    pressed: AtomicU64,
}

/// The phases of a wait that only some pools have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PossiblePhases {
    pub(crate) pooler: bool,
    pub(crate) shared_pool: bool,
    pub(crate) write_lock: bool,
}

/// Of the pool as a whole.
pub(crate) struct Meters {
    pub(crate) idle: Gauge,
    pub(crate) used: Gauge,
    pub(crate) pending: Gauge,
    pub(crate) dedicated: Gauge,
    pub(crate) create_time: Histogram,
    pub(crate) recoveries_kept: Counter,
    pub(crate) recoveries_closed: Counter,
}

/// Of the leases opened at one place.
pub(crate) struct SiteMeters {
    wait_time: Histogram,
    use_time: Histogram,
    idle_time: Histogram,
    /// Of the phases that a wait can end in on this pool.
    timeouts: Vec<(WaitPhase, Counter)>,
    pub(crate) expired: Counter,
    pub(crate) revoked: Counter,
    pub(crate) stalled: Counter,
    unknown: Counter,
    /// Registered when it is first counted: an alert on a new series is to fire at that.
    unchecked: OnceLock<Counter>,
    unchecked_key: Key,
}

/// One more, for as long as it lives.
pub(crate) struct GaugeGuard(Gauge);

impl GaugeGuard {
    pub(crate) fn new(gauge: &Gauge) -> Self {
        gauge.increment(1.0);
        GaugeGuard(gauge.clone())
    }
}

impl Drop for GaugeGuard {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}

impl Meters {
    /// Follows the numbers of idle and of leased connections.
    pub(crate) fn count(&self, before: (u32, u32), after: (u32, u32)) {
        step(&self.idle, before.0, after.0);
        step(&self.used, before.1, after.1);
    }
}

/// By difference: others may count at the same time.
fn step(gauge: &Gauge, before: u32, after: u32) {
    match before.cmp(&after) {
        Less => gauge.increment(f64::from(after - before)),
        Equal => {}
        Greater => gauge.decrement(f64::from(before - after)),
    }
}

impl Telemetry {
    /// Of a pool of that name, of at most so many connections.
    pub(crate) fn new(pool: impl Into<SharedString>, max: u32, phases: PossiblePhases) -> Self {
        Telemetry {
            pool: pool.into(),
            max,
            phases,
            meters: OnceLock::new(),
            sites: RwLock::default(),
            began: Instant::now(),
            pressed: AtomicU64::new(0),
        }
    }

    pub(crate) fn meters(&self) -> &Meters {
        self.meters.get_or_init(|| {
            describe();
            let state = |state| {
                let state = Some(("db.client.connection.state", state));
                gauge(self.key("db.client.connection.count", None, state))
            };
            let recoveries = |outcome| {
                counter(self.key("shortlease.recoveries", None, Some(("outcome", outcome))))
            };
            let plain = |name| self.key(name, None, None);
            gauge(plain("db.client.connection.max")).set(f64::from(self.max));
            Meters {
                idle: state("idle"),
                used: state("used"),
                dedicated: state("dedicated"),
                pending: gauge(plain("db.client.connection.pending_requests")),
                create_time: histogram(plain("db.client.connection.create_time")),
                recoveries_kept: recoveries("kept"),
                recoveries_closed: recoveries("closed"),
            }
        })
    }

    pub(crate) fn site(&self, site: CallSite) -> Arc<SiteMeters> {
        let known = self.sites.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meters) = known.get(&site) {
            return Arc::clone(meters);
        }
        drop(known);
        // Not under the lock: the recorder is the user's. It gives the same figures to all who ask for them.
        let meters = Arc::new(self.of(site));
        let mut sites = self.sites.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(sites.entry(site).or_insert(meters))
    }

    fn of(&self, site: CallSite) -> SiteMeters {
        let site = SharedString::from(site.to_string());
        let key = |name| self.key(name, Some(&site), None);
        let timeouts = |(phase, possible): (WaitPhase, bool)| {
            let label = Some(("phase", phase.as_str()));
            let key = || self.key("db.client.connection.timeouts", Some(&site), label);
            possible.then(|| (phase, counter(key())))
        };
        SiteMeters {
            wait_time: histogram(key("db.client.connection.wait_time")),
            use_time: histogram(key("db.client.connection.use_time")),
            idle_time: histogram(key("shortlease.lease.idle_time")),
            timeouts: [
                (WaitPhase::Queue, true),
                (WaitPhase::Validate, true),
                (WaitPhase::Connect, true),
                (WaitPhase::WriteLock, self.phases.write_lock),
                (WaitPhase::Pooler, self.phases.pooler),
                (WaitPhase::SharedPool, self.phases.shared_pool),
            ]
            .into_iter()
            .filter_map(timeouts)
            .collect(),
            expired: counter(key("shortlease.lease.expired")),
            revoked: counter(key("shortlease.lease.revoked")),
            stalled: counter(key("shortlease.lease.stalled")),
            unknown: counter(key("shortlease.commit.unknown")),
            unchecked: OnceLock::new(),
            unchecked_key: key("shortlease.unchecked"),
        }
    }

    fn key(
        &self,
        name: &'static str,
        site: Option<&SharedString>,
        label: Option<(&'static str, &'static str)>,
    ) -> Key {
        let mut labels = vec![Label::new("db.client.connection.pool.name", self.pool.clone())];
        labels.extend(site.map(|site| Label::new("site", site.clone())));
        labels.extend(label.map(|(name, value)| Label::new(name, value)));
        Key::from_parts(name, labels)
    }

    /// Reports that a lease had to wait for others for long, or in vain. `phase` says which.
    pub(crate) fn pressure(
        &self,
        site: CallSite,
        waited: Duration,
        phase: &'static str,
        status: impl FnOnce() -> Status,
    ) {
        let now = self.began.elapsed().as_millis() as u64 + 1;
        let last = self.pressed.load(Ordering::Relaxed);
        let since = Duration::from_millis(now.saturating_sub(last));
        if (last == 0 || since >= PRESSURE)
            && self
                .pressed
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
        {
            let pool = &*self.pool;
            let Status { used, max, waiting, recovering, .. } = status();
            tracing::warn!(
                pool, %site, ?waited, phase, used, max, waiting, recovering, "pool_pressure"
            );
        }
    }
}

impl SiteMeters {
    pub(crate) fn waited(&self, waited: Duration) {
        self.wait_time.record(waited);
    }

    /// Once for each lease: at the drop of its future, or at its revocation, as that may never be
    /// dropped.
    pub(crate) fn ended(&self, lease: &LeaseState) {
        let (busy, held) = (lease.busy(), lease.since.elapsed());
        self.use_time.record(held);
        self.idle_time.record(held.saturating_sub(busy));
        if lease.unchecked_used() {
            self.unchecked.get_or_init(|| counter(self.unchecked_key.clone())).increment(1);
        }
        // Behind a pooler a plain `lease` is committed too. Whoever drops it knows as little as elsewhere.
        if lease.committing() && lease.whole {
            self.unknown.increment(1);
            tracing::warn!(site = %lease.site, "a COMMIT was cut short: its outcome is not known");
        }
    }

    /// Counts a wait in vain.
    pub(crate) fn timed_out(&self, phase: WaitPhase) {
        let known = self.timeouts.iter().find(|(known, _)| *known == phase);
        known.into_iter().for_each(|(_, timeouts)| timeouts.increment(1));
    }
}

/// Names, units and meanings, those with `db.client.connection` by OpenTelemetry's semantic conventions.
fn describe() {
    let gauges = [
        ("db.client.connection.count", "connections idle, in leases (used), and dedicated"),
        ("db.client.connection.max", "the setting max_connections"),
        ("db.client.connection.pending_requests", "leases that wait for a connection"),
    ];
    let counters = [
        (
            "db.client.connection.timeouts",
            "leases that waited for a connection, or to write, in vain",
        ),
        ("shortlease.recoveries", "connections given back dirty: reset and kept, or closed"),
        ("shortlease.lease.expired", "leases cut at a time limit"),
        ("shortlease.lease.revoked", "leases revoked because nobody polled them, or by close"),
        (
            "shortlease.lease.stalled",
            "leases that nobody polled although the database had answered",
        ),
        ("shortlease.commit.unknown", "COMMITs whose outcome is not known"),
        ("shortlease.unchecked", "leases that lent their connection to unchecked code"),
    ];
    let histograms = [
        ("db.client.connection.create_time", "how long it took to make a connection"),
        (
            "db.client.connection.wait_time",
            "from asking for a lease that began to having its connection",
        ),
        ("db.client.connection.use_time", "how long a lease was open"),
        ("shortlease.lease.idle_time", "how long a lease was open without a statement under way"),
    ];
    for (name, meaning) in gauges {
        describe_gauge!(name, Unit::Count, meaning);
    }
    for (name, meaning) in counters {
        describe_counter!(name, Unit::Count, meaning);
    }
    for (name, meaning) in histograms {
        describe_histogram!(name, Unit::Seconds, meaning);
    }
}

const METADATA: Metadata<'static> = Metadata::new("shortlease", Level::INFO, Some(module_path!()));

fn gauge(key: Key) -> Gauge {
    metrics::with_recorder(|recorder| recorder.register_gauge(&key, &METADATA))
}

fn counter(key: Key) -> Counter {
    metrics::with_recorder(|recorder| recorder.register_counter(&key, &METADATA))
}

fn histogram(key: Key) -> Histogram {
    metrics::with_recorder(|recorder| recorder.register_histogram(&key, &METADATA))
}
