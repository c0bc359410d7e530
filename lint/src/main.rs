//! `cargo shortlease`.

mod cli;
mod size;

use std::process::ExitCode;

/// Reading files allocates many small nodes from two threads or more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::run()
}
