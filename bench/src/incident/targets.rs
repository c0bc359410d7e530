//! What shortlease is to reach, and whether it did.

use serde::Serialize;

use super::limit::Limit;
use super::run::Run;
use super::summary::Summary;
use super::way::Way;

/// One target of one way.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Target {
    /// Whose it is.
    pub way: Way,
    /// What was wanted.
    pub wanted: String,
    /// What was reached.
    pub reached: String,
    /// The one is within the other.
    pub met: bool,
}

/// The targets of all runs with shortlease.
pub(super) fn of(runs: &[Run], limit: &Limit) -> Vec<Target> {
    let held = runs.iter().find(|run| run.way == Way::Held).map(Summary::of);
    let runs = runs.iter().filter(|run| run.way.is_shortlease());
    runs.flat_map(|run| of_run(run, limit, held)).collect()
}

fn of_run(run: &Run, limit: &Limit, held: Option<Summary>) -> Vec<Target> {
    let summary = Summary::of(run);
    let target = |wanted: &str, reached: String, met: bool| Target {
        way: run.way,
        wanted: wanted.to_owned(),
        reached,
        met,
    };
    let share = summary.rate / limit.calls();
    let added = run.totals.added.p99;
    let idle = summary.most.idle_over_100ms;
    let login = run.totals.login.latency.p99;
    let mut targets = vec![
        target("at least 97 % of the limit", format!("{:.1} %", 100.0 * share), share >= 0.97),
        target("added latency p99 under 50 ms", format!("{added:.1} ms"), added < 50.0),
        target("none idle in transaction over 100 ms", idle.to_string(), idle == 0),
        target(
            "oldest transaction under 1 s",
            format!("{:.3} s", summary.most.oldest),
            summary.most.oldest < 1.0,
        ),
        target("no pool timeout", summary.pool_timeouts.to_string(), summary.pool_timeouts == 0),
        target(
            "no protocol error",
            (summary.protocol_errors + summary.lost).to_string(),
            summary.protocol_errors + summary.lost == 0,
        ),
        target("login p99 under 100 ms", format!("{login:.1} ms"), login < 100.0),
        target("recorded exactly once", run.comparison.to_string(), run.comparison.is_exact()),
    ];
    if let Some(held) = held {
        let times = summary.rate / held.rate.max(1e-9);
        let reached = format!("{times:.0} times");
        targets.push(target("at least 50 times the held way", reached, times >= 50.0));
    }
    targets
}
