//! Checks two crates that differ only in how their handlers hold a connection.

mod check;
mod generate;
mod phases;

use std::fmt;

use indicatif::ProgressBar;

use crate::samples::Samples;
use crate::table;
use check::{Cost, account, check, clean};
use generate::{Side, Workspace};
use phases::Phases;

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Handlers in each crate.
    pub handlers: usize,
    /// Measurements of each figure.
    pub repetitions: usize,
}

/// What `cargo check` took.
#[derive(Debug)]
pub struct Report {
    size: Size,
    /// Of the peer and of shortlease.
    cold: [Costs; 2],
    touched: [Costs; 2],
    cold_phases: [Phases; 2],
    touched_phases: [Phases; 2],
}

#[derive(Debug)]
struct Costs {
    wall: Samples,
    cpu: Samples,
}

/// Measures both crates in turn, so that what else the machine does falls on both. Shows the checks that were done.
///
/// # Panics
/// Where a crate cannot be written or does not compile.
pub fn run(size: Size, progress: &ProgressBar) -> Report {
    let workspace = Workspace::write(size.handlers);
    // Each side for the first time, cold and touched in each repetition, and both once more for rustc's account.
    progress.set_length(2 + 4 * size.repetitions as u64 + 4);
    let check = |workspace: &Workspace, side| {
        let cost = check(workspace, side);
        progress.inc(1);
        cost
    };
    let account = |workspace: &Workspace, side| {
        let phases = account(workspace, side);
        progress.inc(1);
        phases
    };
    for side in Side::BOTH {
        check(&workspace, side);
    }
    let mut cold = [Vec::new(), Vec::new()];
    let mut touched = [Vec::new(), Vec::new()];
    for repetition in 0..size.repetitions {
        for side in Side::BOTH {
            clean(&workspace, side);
            cold[side as usize].push(check(&workspace, side));
        }
        for side in Side::BOTH {
            workspace.touch(side, repetition);
            touched[side as usize].push(check(&workspace, side));
        }
    }
    Report {
        size,
        cold: cold.map(Costs::of),
        touched: touched.map(Costs::of),
        cold_phases: Side::BOTH.map(|side| {
            clean(&workspace, side);
            account(&workspace, side)
        }),
        touched_phases: Side::BOTH.map(|side| {
            workspace.touch(side, size.repetitions);
            account(&workspace, side)
        }),
    }
}

impl Costs {
    fn of(costs: Vec<Cost>) -> Costs {
        Costs {
            wall: Samples::new(costs.iter().map(|cost| cost.wall.as_secs_f64())),
            cpu: Samples::new(costs.iter().map(|cost| cost.cpu.as_secs_f64())),
        }
    }
}

impl Report {
    /// Shortlease's time by the peer's, for each figure of the table.
    pub fn ratios(&self) -> impl Iterator<Item = f64> {
        [&self.cold, &self.touched].into_iter().flat_map(|[peer, ours]| {
            [ours.wall.median() / peer.wall.median(), ours.cpu.median() / peer.cpu.median()]
        })
    }
}

impl Report {
    fn write_phases(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = table::new(["rustc", "phase", "by hand", "shortlease", "difference"]);
        for (what, sides) in [("cold", &self.cold_phases), ("one handler", &self.touched_phases)] {
            let [peer, ours] = sides;
            for (nth, ((phase, peer), (_, ours))) in peer.times.iter().zip(&ours.times).enumerate()
            {
                table.add_row([
                    if nth == 0 { what.to_owned() } else { String::new() },
                    (*phase).to_owned(),
                    format!("{:.0} ms", 1000.0 * peer),
                    format!("{:.0} ms", 1000.0 * ours),
                    format!("{:+.0} ms", 1000.0 * (ours - peer)),
                ]);
            }
            let [peer, ours] = [peer, ours].map(|side| side.memory as f64 / 1e6);
            table.add_row([
                String::new(),
                "memory".to_owned(),
                format!("{peer:.0} MB"),
                format!("{ours:.0} MB"),
                format!("{:+.0} MB", ours - peer),
            ]);
        }
        table::left(&mut table, 1);
        writeln!(f, "{}", table.trim_fmt())?;
        write!(
            f,
            "Where rustc's time goes, and the most memory at the end of a pass, by `-Ztime-passes`; one run of each."
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table =
            table::new(["cargo check", "time", "least to most", "ratio", "CPU time", "ratio"]);
        for (what, [peer, ours]) in [("cold", &self.cold), ("one handler", &self.touched)] {
            for (side, costs) in [(Side::ByHand, peer), (Side::Shortlease, ours)] {
                table.add_row([
                    format!("{what}, {}", side.title()),
                    format!("{:.2} s", costs.wall.median()),
                    format!("{:.2} to {:.2} s", costs.wall.least(), costs.wall.greatest()),
                    format!("{:.2}", costs.wall.median() / peer.wall.median()),
                    format!("{:.2} s", costs.cpu.median()),
                    format!("{:.2}", costs.cpu.median() / peer.cpu.median()),
                ]);
            }
        }
        writeln!(f, "{}", table.trim_fmt())?;
        writeln!(
            f,
            "{} handlers, two leases and a remote call each; medians of {}, in turn. Dependencies are checked already.\n",
            self.size.handlers, self.size.repetitions
        )?;
        self.write_phases(f)
    }
}
