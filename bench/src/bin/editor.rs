//! What an editor shows in a lease and around it: drives rust-analyzer on the smallest program.
//!
//! It needs rust-analyzer in `PATH`, and the sources of the standard library:
//! `rustup component add rust-analyzer rust-src`.

use std::process::ExitCode;

use shortlease_bench::editor;

fn main() -> Result<ExitCode, editor::Error> {
    let report = editor::run()?;
    println!("{report}");
    Ok(if report.is_right() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
