//! The instructions that one lease takes in the client, as valgrind counts them: the same in each run.

use std::fmt;
use std::process::Command;

use shortlease_tests::postgres::Server;

use super::peers::of_sqlx;
use crate::table;

/// The number of leases in a short run and in a long one. Their difference leaves out start and connects.
const LEASES: [u32; 2] = [200, 1_200];

/// The instructions of each pool.
#[derive(Debug)]
pub struct Report(Vec<(&'static str, f64)>);

/// Counts the instructions of each pool, with `program` as the client. It is to call [`client`].
///
/// # Panics
/// If PostgreSQL or valgrind is not installed, or a lease fails.
pub async fn run(program: &str) -> Report {
    let server = Server::start().await;
    let peers = of_sqlx(server.url(), 1).await;
    let names = peers.iter().map(|peer| peer.name());
    let per_lease = |name| {
        let [short, long] = LEASES.map(|leases| count(program, name, leases, &server.url()));
        (long - short) / f64::from(LEASES[1] - LEASES[0])
    };
    Report(names.map(|name| (name, per_lease(name))).collect())
}

/// Runs the program under valgrind, and reads the number of instructions that it prints.
fn count(program: &str, name: &str, leases: u32, url: &str) -> f64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", program, name])
        .args([&leases.to_string(), url])
        .output()
        .expect("valgrind is installed");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    let count = printed.lines().find_map(|line| line.split_once("Collected : ")).expect("a count");
    count.1.trim().parse().expect("a number")
}

/// Takes leases of one pool, one after the other.
///
/// # Panics
/// If there is no pool of that name, or a lease fails.
pub async fn client(name: &str, leases: u32, url: &str) {
    let peers = of_sqlx(url.to_owned(), 1).await;
    let peer = peers.iter().find(|peer| peer.name() == name).expect("the name of a pool");
    for _ in 0..leases {
        assert_eq!(peer.select_one().await, 1);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = table::new(["pool", "instructions a lease", "shortlease by it"]);
        let (_, ours) = self.0.last().expect("shortlease is one of them");
        for (name, instructions) in &self.0 {
            let ratio = format!("{:.2}", ours / instructions);
            table.add_row([(*name).to_owned(), format!("{instructions:.0}"), ratio]);
        }
        writeln!(f, "{}", table.trim_fmt())?;
        write!(f, "One prepared SELECT 1 for each lease, one task, one connection.")
    }
}
