//! Leases per second with a metrics recorder installed, and without.

use std::time::Duration;

use shortlease_bench::lease::{Size, recorder::run};

#[tokio::main]
async fn main() {
    let size = Size { connections: 8, tasks: 64, round: Duration::from_millis(200), rounds: 75 };
    println!("{}", run(size).await);
}
