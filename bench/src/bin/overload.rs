//! Twice as many calls as the database can do.

use std::time::Duration;

use shortlease_bench::overload::{Size, run};

#[tokio::main]
async fn main() -> Result<(), shortlease::Error> {
    let size = Size {
        pool: 5,
        one_way: Duration::from_millis(2),
        overload: Duration::from_secs(40),
        patience: Duration::from_secs(10),
    };
    println!("{}", run(size).await?);
    Ok(())
}
