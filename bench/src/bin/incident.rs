//! The published incident, four ways. Other processes of the run are this program too.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use shortlease_bench::incident::{self, Distribution, Settings, Way, backend, server, users};

/// Reproduces the published incident: the same work four ways, against a slow backend
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Users, each with one call at a time
    #[arg(long, default_value_t = 4000)]
    users: u64,
    /// Connections to the database
    #[arg(long, default_value_t = 20)]
    pool: u32,
    /// Of each way
    #[arg(long, default_value_t = 15.0)]
    minutes: f64,
    /// Under a minute in all: 60 users, 4 connections, a backend 25 times as fast
    #[arg(long)]
    quick: bool,
    /// Ways, in this order
    #[arg(long, value_delimiter = ',', default_value = "held,by-hand,shortlease,pgbouncer")]
    ways: Vec<Way>,
    /// Where the report, the plots and the figures go
    #[arg(long, default_value = "target/incident")]
    out: PathBuf,
    #[command(flatten)]
    distribution: Distribution,
}

/// What a process of a run does.
#[derive(Subcommand)]
enum Part {
    /// Answers late, badly or never
    Backend(Distribution),
    /// Serves tool calls
    Server(server::Options),
    /// Calls tools
    Users(users::Options),
    /// Measures more users, larger pools and slower backends, and simulates more instances
    Growth {
        /// Of each point, after its warm-up
        #[arg(long, default_value_t = 15.0)]
        seconds: f64,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let ran = incident::raise_file_limit()
        .and_then(|()| runtime.expect("a runtime").block_on(run(arguments)));
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("incident: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(mut arguments: Arguments) -> io::Result<()> {
    match arguments.part.take() {
        Some(Part::Backend(distribution)) => backend::serve(distribution).await,
        Some(Part::Server(options)) => server::serve(options).await,
        Some(Part::Users(options)) => users::call(options).await,
        Some(Part::Growth { seconds }) => {
            let length = Duration::try_from_secs_f64(seconds).map_err(io::Error::other)?;
            println!("{}", incident::grow(std::env::current_exe()?, command(), length).await?);
            Ok(())
        }
        None => {
            let out = arguments.out.clone();
            // A way may take a quarter of an hour: its figures are kept whatever comes after it.
            let report = incident::run(settings(arguments)?, |report| report.write(&out)).await?;
            println!("{report}\n\n{}", out.join("incident.html").display());
            Ok(())
        }
    }
}

fn settings(arguments: Arguments) -> io::Result<Settings> {
    let Arguments { users, pool, minutes, quick, ways, distribution, .. } = arguments;
    let length = Duration::try_from_secs_f64(60.0 * minutes).map_err(io::Error::other)?;
    let settings = Settings {
        program: std::env::current_exe()?,
        command: command(),
        users,
        pool,
        length,
        distribution,
        ways,
    };
    Ok(if quick { settings.quick() } else { settings })
}

fn command() -> String {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    format!("cargo run --release -p shortlease-bench --bin incident -- {}", arguments.join(" "))
}
