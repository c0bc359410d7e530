//! Leases per second, near the server and far from it.

use std::time::Duration;

use shortlease_bench::lease::{Size, of_sqlx, run};

#[tokio::main]
async fn main() {
    let size = Size { connections: 8, tasks: 64, round: Duration::from_millis(200), rounds: 45 };
    let delays = [0, 500, 2000].map(Duration::from_micros);
    println!("{}", run(size, &delays, of_sqlx).await);
}
