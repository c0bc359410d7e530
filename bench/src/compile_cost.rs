//! Checks two crates that differ only in how their handlers hold a connection.

mod check;
mod generate;

use std::fmt;

use crate::samples::Samples;
use crate::table;
use check::{Cost, check, clean};
use generate::{Side, Workspace};

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
}

#[derive(Debug)]
struct Costs {
    wall: Samples,
    cpu: Samples,
}

/// Measures both crates in turn, so that what else the machine does falls on both.
///
/// # Panics
/// Where a crate cannot be written or does not compile.
pub fn run(size: Size) -> Report {
    let workspace = Workspace::write(size.handlers);
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
    Report { size, cold: cold.map(Costs::of), touched: touched.map(Costs::of) }
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
        write!(
            f,
            "{} handlers, two leases and a remote call each; medians of {}, in turn. Dependencies are checked already.",
            self.size.handlers, self.size.repetitions
        )
    }
}
