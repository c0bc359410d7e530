//! From the command line to an exit code. The databases are chosen here, so the rest is compiled once for each.

use std::process::ExitCode;

use shortlease::lifecycle::{self, Reason};
use shortlease::{Postgres, Sqlite};

use crate::check::check;
use crate::database::Database;
use crate::gateway::{Gateway, StartError};
use crate::settings::{Cli, Command, Settings};
use crate::welcome::Welcome;
use crate::{log, stdio};

/// Does what the command line says, and returns the exit code.
///
/// # Cancel safety
///
/// Dropped, everything under way is dropped too.
pub async fn run(cli: Cli) -> ExitCode {
    let Cli { command, settings } = cli;
    if let Err(error) = log::start(&settings) {
        eprintln!("gateway: --log: {error}");
        return ExitCode::from(2);
    }
    let command = command.unwrap_or(Command::Serve);
    let done = match settings.database_url().split(':').next() {
        // Boxed, as rustc computes the layout of a future that holds all others no deeper than its limit.
        Some("sqlite") => Box::pin(run_on::<Sqlite>(command, settings)).await,
        Some("postgres" | "postgresql") => Box::pin(run_on::<Postgres>(command, settings)).await,
        _ => Err(StartError::Setting("DATABASE_URL is neither sqlite:// nor postgres://".into())),
    };
    done.unwrap_or_else(|error| {
        eprintln!("gateway: {error}");
        ExitCode::FAILURE
    })
}

async fn run_on<DB: Database>(
    command: Command,
    settings: Settings,
) -> Result<ExitCode, StartError> {
    match command {
        Command::Serve => Box::pin(serve::<DB>(settings)).await,
        // Standard input may be read by a thread that would keep the process alive.
        Command::Stdio => Box::pin(stdio::serve::<DB>(settings)).await?.exit(),
        Command::Check => {
            let report = Box::pin(check::<DB>(settings)).await?;
            print!("{report}");
            Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

async fn serve<DB: Database>(settings: Settings) -> Result<ExitCode, StartError> {
    let (drain, quiet) = (settings.drain, settings.quiet);
    let gateway = Gateway::<DB>::start(settings).await?;
    if !quiet {
        println!("{}", Welcome(&gateway));
    }
    let db = gateway.app.db.clone();
    let ended = lifecycle::shutdown(&db)
        .drain_within(drain)
        .serve(async |stop| gateway.serve(stop).await)
        .await;
    if let Reason::Failed(error) = &ended.reason {
        eprintln!("gateway: {error}");
    }
    Ok(ExitCode::from(ended.code()))
}
