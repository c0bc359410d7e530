//! The published incident: thousands of users, a backend that takes seconds, a pool of a few connections. The same work
//! four ways, with real servers, each part in a process of its own.

mod answers;
pub mod backend;
mod child;
mod database;
mod figure;
mod files;
mod growth;
mod limit;
mod machine;
mod outcome;
mod progress;
mod published;
mod report;
mod run;
mod sampler;
pub mod server;
mod simulation;
mod summary;
mod targets;
mod usage;
pub mod users;
mod way;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use shortlease_tests::pgbouncer;

pub use answers::Distribution;
pub use files::raise_limit as raise_file_limit;
pub use growth::{Growth, grow};
use limit::Limit;
use machine::Machine;
use progress::Progress;
pub use report::Report;
use run::{Load, World};
pub use way::Way;

/// How long figures do not count, in a run of full length: longer than any call.
const WARM_UP: Duration = Duration::from_secs(45);

/// What to run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// This program; its first argument says what part of the run a process is.
    pub program: PathBuf,
    /// How the report names the run.
    pub command: String,
    /// Users, each with one call at a time.
    pub users: u64,
    /// Connections to the database, in all.
    pub pool: u32,
    /// Of each way.
    pub length: Duration,
    /// How the backend answers.
    pub distribution: Distribution,
    /// In this order.
    pub ways: Vec<Way>,
}

impl Settings {
    /// The same, small: under a minute in all.
    #[must_use]
    pub fn quick(self) -> Settings {
        let distribution = Distribution { speed: 25.0, ..self.distribution };
        Settings { users: 60, pool: 4, length: Duration::from_secs(6), distribution, ..self }
    }
}

/// Runs each way, after measuring what the machine can do. `after_way` is given the report so far.
///
/// # Errors
/// If a process cannot be started, or ends before it should; and what `after_way` returns.
///
/// # Panics
/// If PostgreSQL or `PgBouncer` is not installed.
pub async fn run(
    settings: Settings,
    mut after_way: impl FnMut(&Report) -> io::Result<()>,
) -> io::Result<Report> {
    let Settings { program, command, users, pool, length, distribution, ways } = settings;
    if ways.iter().any(|way| way.is_pooled()) {
        // A run takes an hour: what its last way needs is looked for first.
        pgbouncer::recent_version();
    }
    let world = World::start(program, &distribution).await?;
    let machine = world.measure(pool, length).await?;
    let limit = Limit { users: users as f64 / distribution.mean().as_secs_f64(), machine };
    let warm_up = WARM_UP.min(length / 3);
    let arrival = warm_up / 4;
    let load = Load { users, pool, length, arrival, warm_up, distribution };
    let mut report = Report {
        command,
        machine: Machine::this(),
        users,
        pool,
        length: length.as_secs_f64(),
        limit,
        targets: Vec::new(),
        runs: Vec::new(),
    };
    for way in ways {
        let progress = Progress::start(&way.to_string(), length);
        report.runs.push(world.run(way, way.slug(), &load, &progress).await?);
        report.targets = targets::of(&report.runs, &limit);
        progress.finish();
        after_way(&report)?;
    }
    Ok(report)
}
