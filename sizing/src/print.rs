use std::fmt;
use std::time::Duration;

use crate::plan::Plan;
use crate::workload::Workload;

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Workload {
            sessions,
            calls_per_second,
            call_time,
            leases_per_call,
            database_time,
            target_wait,
            quantile,
            instances,
            concurrency,
        } = self.workload;
        let percentile = format!("{} %", percent(quantile));
        let share = percent(self.database_share);

        writeln!(
            f,
            "load           {sessions} sessions x {calls_per_second} calls/s x {leases_per_call} leases \
             x {database_time:?} = {:.2} erlangs",
            self.offered_load
        )?;
        writeln!(f, "target         {percentile} of leases wait at most {target_wait:?}")?;
        writeln!(
            f,
            "rule of thumb  {sessions} sessions x {calls_per_second} calls/s x {call_time:?} x {share} % in \
             the database x {concurrency} = {}",
            self.rule_of_thumb
        )?;
        writeln!(
            f,
            "no leases      connections held for whole calls: {:.2} busy on average",
            self.calls_in_progress
        )?;
        writeln!(f)?;
        writeln!(
            f,
            "{:<32}{:>18}{:>8}{:>9}{:>12}{:>12}",
            "",
            "connections",
            "busy",
            "waiting",
            "mean wait",
            format!("{percentile} wait")
        )?;
        for (name, count, queue) in [
            ("direct, each instance", instances, self.direct),
            ("behind PgBouncer, each instance", instances, self.instance),
            ("PgBouncer, default_pool_size", 1, self.pooler),
        ] {
            let connections = match count {
                1 => queue.connections().to_string(),
                n => format!("{n} x {} = {}", queue.connections(), n * queue.connections()),
            };
            let show = |wait: Duration| match wait {
                Duration::ZERO => "0".to_owned(),
                wait => format!("{wait:.2?}"),
            };
            writeln!(
                f,
                "{name:<32}{connections:>18}{:>6.1} %{:>7.2} %{:>12}{:>12}",
                100.0 * queue.utilisation(),
                100.0 * queue.wait_probability(),
                show(queue.mean_wait()),
                show(queue.wait_quantile(quantile)),
            )?;
        }
        Ok(())
    }
}

/// A fraction in percent, to four digits after the point and without trailing zeros.
fn percent(fraction: f64) -> f64 {
    (fraction * 1e6).round() / 1e4
}
