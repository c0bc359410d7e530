//! What the attributes cost the compiler: `cargo check` of a crate of handlers, against the same
//! crate by hand.

use clap::Parser;
use indicatif::ProgressBar;
use shortlease_bench::compile_cost::{Size, run};

#[derive(Parser)]
#[command(about = "Compares what handlers cost the compiler with the same by hand")]
struct Args {
    /// Handlers in each of the two crates.
    #[arg(long, default_value_t = 267)]
    handlers: usize,
    /// How often each figure is measured.
    #[arg(long, default_value_t = 9)]
    repetitions: usize,
}

fn main() {
    let Args { handlers, repetitions } = Args::parse();
    let progress = ProgressBar::no_length();
    let report = run(Size { handlers, repetitions }, &progress);
    progress.finish_and_clear();
    println!("{report}");
}
