//! The program. See `gateway --help`.

#![recursion_limit = "256"]

use std::process::ExitCode;

use clap::Parser;
use gateway::settings::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    gateway::run::run(Cli::parse()).await
}
