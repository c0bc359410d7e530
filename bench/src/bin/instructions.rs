//! Instructions for each lease, as valgrind counts them.

use shortlease_bench::lease::instructions::{client, run};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match &arguments[..] {
        [program] => println!("{}", run(program).await),
        [_, name, leases, url] => {
            client(name, leases.parse().expect("a number of leases"), url).await;
        }
        _ => panic!("no arguments, or those of a client: the pool, the number of leases, the URL"),
    }
}
