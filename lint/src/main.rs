//! `cargo shortlease`.

mod cli;
mod size;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
