//! How far a run is.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::users::Second;

/// Where nobody looks at a terminal, a line comes so often.
const LINE: f64 = 15.0;

/// A bar on a terminal, else a line now and then; both on standard error.
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn start(name: &str, length: Duration) -> Progress {
        let style = ProgressStyle::with_template("{prefix:26} {bar:30} {pos:>4}/{len} s  {msg}");
        let bar = ProgressBar::new(length.as_secs())
            .with_style(style.expect("a valid template"))
            .with_prefix(name.to_owned());
        bar.tick();
        Progress(bar)
    }

    pub(super) fn advance(&self, second: &Second) {
        let outcomes: Vec<_> = second
            .outcomes
            .iter()
            .filter(|(outcome, _)| !outcome.is_served())
            .map(|(outcome, calls)| format!("{calls} {outcome}"))
            .collect();
        let message = format!(
            "{:.0} calls/s, added p99 {:.0} ms {}",
            second.rate(),
            second.added.p99,
            outcomes.join(", ")
        );
        if self.0.is_hidden() && second.at % LINE < second.length {
            eprintln!("{} {:.0} s: {message}", self.0.prefix(), second.at);
        }
        self.0.set_position(second.at as u64);
        self.0.set_message(message);
    }

    pub(super) fn finish(self) {
        self.0.finish();
    }
}
