//! Twice as many calls as the database can do, and what becomes of them: in a plain queue, and with a queue that refuses
//! early what it would serve too late.

mod call;
mod clients;

use std::fmt;
use std::time::Duration;

use shortlease::{Db, Error, Postgres};
use shortlease_tests::postgres::Server;
use shortlease_tests::proxy::Proxy;
use tokio::time::Instant;

use crate::table;
use clients::{Attempts, Ended, Outcome};

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Connections.
    pub pool: u32,
    /// To the database and back takes twice this, so that the connections are the limit and not the machine.
    pub one_way: Duration,
    /// How long there is too much to do; half as long is measured before, and after.
    pub overload: Duration,
    /// A client waits so long for an answer before it tries again.
    pub patience: Duration,
}

/// How long a queue lets a session wait to begin, if it is one that does not wait for ever.
const TARGET: Duration = Duration::from_millis(100);

/// A call that takes longer than this is one that a user notices.
const NOTICED: Duration = Duration::from_secs(1);

/// Clients that keep all connections busy, for each of these.
const SATURATING: usize = 8;

/// What each queue came to.
#[derive(Debug)]
pub struct Report {
    size: Size,
    rows: Vec<Row>,
}

/// One queue under too much work.
#[derive(Debug)]
pub struct Row {
    queue: &'static str,
    /// Calls per second with as many clients as there can be without one waiting for long.
    peak: f64,
    /// Calls that succeeded, per second of too much work; the first quarter does not count.
    pub goodput: f64,
    /// Of calls that succeeded meanwhile.
    p50: Duration,
    p99: Duration,
    /// Calls that were refused, and the longest time that one waited for that.
    refused: usize,
    longest_refusal: Duration,
    /// Attempts whose client gave up.
    given_up: usize,
    /// From the end of the overload to the arrival of the last call that was not served as if there had been none.
    pub recovery: Duration,
}

/// Measures both queues.
///
/// # Errors
/// If a call fails for another reason than the overload.
///
/// # Panics
/// If PostgreSQL is not installed.
pub async fn run(size: Size) -> Result<Report, Error> {
    let server = Server::start().await;
    let proxy = Proxy::start(server.address());
    proxy.delay(size.one_way);
    let url = proxy.url(&server.url());
    let mut rows = Vec::new();
    for (queue, target) in [("plain", None), ("queue_target", Some(TARGET))] {
        let db = Db::builder(&url)
            .max_connections(size.pool)
            .min_idle(size.pool)
            .queue_target(target)
            .connect()
            .await?;
        call::prepare(&db).await?;
        rows.push(measure(queue, &db, size).await?);
        let _ = db.close(size.patience).await;
    }
    Ok(Report { size, rows })
}

async fn measure(queue: &'static str, db: &Db<Postgres>, size: Size) -> Result<Row, Error> {
    let peak = clients::saturate(db, SATURATING * size.pool as usize, size.overload / 2).await?;
    let start = Instant::now();
    let end = start + size.overload;
    let after = end + size.overload / 2;
    let mut attempts = Attempts::new(db, size.patience);
    attempts.arrive(2.0 * peak, end).await;
    attempts.arrive(0.5 * peak, after).await;
    let ended = attempts.end().await?;
    Ok(Row::new(queue, peak, &ended, start + size.overload / 4, end))
}

impl Row {
    /// `ended` holds all attempts; those that ended from `start` to `end` count for the goodput.
    fn new(queue: &'static str, peak: f64, ended: &[Ended], start: Instant, end: Instant) -> Row {
        let meanwhile = || ended.iter().filter(|one| (start..end).contains(&one.at));
        let of = |outcome| meanwhile().filter(move |one| one.outcome == outcome);
        let mut latencies: Vec<_> = of(Outcome::Succeeded).map(Ended::took).collect();
        latencies.sort_unstable();
        let quantile = |share: f64| {
            let at = (share * latencies.len() as f64) as usize;
            latencies.get(at).copied().unwrap_or_default()
        };
        let affected = ended.iter().filter(|one| one.arrived >= end && !one.is_as_usual());
        Row {
            queue,
            peak,
            goodput: latencies.len() as f64 / (end - start).as_secs_f64(),
            p50: quantile(0.5),
            p99: quantile(0.99),
            refused: of(Outcome::Refused).count(),
            longest_refusal: of(Outcome::Refused).map(Ended::waited).max().unwrap_or_default(),
            given_up: of(Outcome::GivenUp).count(),
            recovery: affected.map(|one| one.arrived - end).max().unwrap_or_default(),
        }
    }

    /// Goodput under too much work, by that of the most that can be done.
    pub fn share(&self) -> f64 {
        self.goodput / self.peak
    }
}

impl Ended {
    /// A user sees nothing of an overload that has been.
    fn is_as_usual(&self) -> bool {
        self.outcome == Outcome::Succeeded && self.took() < NOTICED
    }
}

impl Report {
    /// The plain queue, and the one with a target.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = table::new([
            "queue", "peak", "goodput", "of peak", "p50", "p99", "refused", "longest wait",
            "given up", "recovery",
        ]);
        for row in &self.rows {
            table.add_row([
                row.queue.to_owned(),
                format!("{:.0}/s", row.peak),
                format!("{:.0}/s", row.goodput),
                format!("{:.0} %", 100.0 * row.share()),
                format!("{:.0?}", row.p50),
                format!("{:.0?}", row.p99),
                row.refused.to_string(),
                format!("{:.1?}", row.longest_refusal),
                row.given_up.to_string(),
                format!("{:.1?}", row.recovery),
            ]);
        }
        writeln!(f, "{}", table.trim_fmt())?;
        let Size { pool, one_way, overload, patience } = self.size;
        write!(
            f,
            "{pool} connections, {one_way:?} to the database, twice the peak for {overload:?}, then half of it. A call \
             has two reads, {:?} elsewhere, and one\ntransaction of two writes. A client gives up after {patience:?} \
             and tries again, twice. One that is refused does not. A target of {TARGET:?}.",
            call::ELSEWHERE
        )
    }
}
