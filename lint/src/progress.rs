//! A progress bar on a terminal.

use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::audit::Progress;

/// A bar that appears on a terminal only.
#[derive(Debug)]
pub struct Bar {
    bar: Mutex<ProgressBar>,
}

impl Default for Bar {
    fn default() -> Bar {
        Bar { bar: Mutex::new(ProgressBar::hidden()) }
    }
}

impl Bar {
    fn with(&self, change: impl FnOnce(&mut ProgressBar)) {
        if let Ok(mut bar) = self.bar.lock() {
            change(&mut bar);
        }
    }
}

impl Progress for Bar {
    fn files(&self, total: usize) {
        self.with(|bar| {
            *bar = ProgressBar::with_draw_target(
                Some(total as u64),
                ProgressDrawTarget::stderr_with_hz(10),
            );
            if let Ok(style) = ProgressStyle::with_template("reading {bar:30} {pos}/{len} files") {
                bar.set_style(style);
            }
        });
    }

    fn file(&self) {
        self.with(|bar| bar.inc(1));
    }

    fn analysing(&self) {
        self.with(|bar| {
            bar.finish_and_clear();
            *bar = ProgressBar::new_spinner().with_message("following connections");
            bar.enable_steady_tick(Duration::from_millis(100));
        });
    }

    fn done(&self) {
        self.with(|bar| bar.finish_and_clear());
    }
}
