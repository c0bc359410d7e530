//! A bar in a terminal; a line a second anywhere else.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

pub(crate) struct Progress {
    name: &'static str,
    calls: u64,
    bar: Option<ProgressBar>,
    next_line: Cell<Instant>,
}

const LINE_EVERY: Duration = Duration::from_secs(1);

impl Progress {
    pub(crate) fn start(name: &'static str, calls: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(
                "{prefix:>10} {bar:30} {pos:>4}/{len} calls {elapsed:>4}  {msg}",
            );
            let bar = ProgressBar::new(calls).with_prefix(name);
            bar.set_style(style.expect("the template is well-formed"));
            bar.enable_steady_tick(Duration::from_millis(100));
            bar
        });
        Progress { name, calls, bar, next_line: Cell::new(Instant::now() + LINE_EVERY) }
    }

    pub(crate) fn show(&self, succeeded: u64, failed: u64) {
        let done = succeeded + failed;
        if let Some(bar) = &self.bar {
            bar.set_position(done);
            if failed > 0 {
                bar.set_message(format!("{failed} failed"));
            }
        } else if done == self.calls || Instant::now() >= self.next_line.get() {
            self.next_line.set(Instant::now() + LINE_EVERY);
            eprintln!("{:>10} {done:>4}/{} calls  {failed} failed", self.name, self.calls);
        }
    }

    pub(crate) fn finish(self) {
        if let Some(bar) = self.bar {
            bar.abandon();
        }
    }
}
