//! How many leases a second: shortlease against the pools that it could have been.

pub mod instructions;
mod load;
mod peers;
pub mod recorder;
mod wire;

use std::fmt;
use std::time::{Duration, Instant};

use sqlx::{Connection, PgConnection};

use crate::samples::Samples;
use crate::table;
use load::Load;
pub use peers::{Peer, Pool, STATEMENT, of_sqlx};
use shortlease_tests::postgres::Server;
use wire::Wire;

/// How much to measure.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Connections of each pool.
    pub connections: u32,
    /// Tasks that lease, each one after the other.
    pub tasks: usize,
    /// How long one pool is measured at a time.
    pub round: Duration,
    /// Rounds of each pool, in turn.
    pub rounds: usize,
}

/// What was measured, by distance of the server.
#[derive(Debug)]
pub struct Report {
    size: Size,
    distances: Vec<Distance>,
}

#[derive(Debug)]
struct Distance {
    one_way: Duration,
    round_trip: Duration,
    /// The peers, and shortlease last.
    results: Vec<(&'static str, Vec<f64>)>,
}

/// Measures `pools` at each one-way delay; none is the loopback interface without a proxy. They are given the URL of the
/// server and the number of connections, and end with shortlease.
///
/// # Panics
/// If PostgreSQL is not installed, or a lease fails.
pub async fn run(
    size: Size,
    delays: &[Duration],
    pools: impl AsyncFn(String, u32) -> Vec<Peer>,
) -> Report {
    let server = Server::start().await;
    let mut distances = Vec::new();
    for &one_way in delays {
        let wire = (!one_way.is_zero()).then(|| Wire::start(server.address(), one_way));
        let url = match &wire {
            Some(wire) => wire.url(&server.url()),
            None => server.url(),
        };
        let peers = pools(url.clone(), size.connections).await;
        for peer in &peers {
            size.load().warm_up(peer).await;
        }
        let results = in_turn(size, &peers).await;
        distances.push(Distance { one_way, round_trip: round_trip(&url).await, results });
    }
    Report { size, distances }
}

/// Leases per second of each, by round.
async fn in_turn(size: Size, peers: &[Peer]) -> Vec<(&'static str, Vec<f64>)> {
    let mut results: Vec<_> = peers.iter().map(|peer| (peer.name(), Vec::new())).collect();
    for round in 0..size.rounds {
        // Nobody is always first.
        for nth in 0..peers.len() {
            let at = (round + nth) % peers.len();
            results[at].1.push(size.load().run(&peers[at]).await);
        }
    }
    results
}

async fn round_trip(url: &str) -> Duration {
    let mut connection = PgConnection::connect(url).await.expect("the server is up");
    let mut trips = Vec::new();
    for _ in 0..51 {
        let start = Instant::now();
        connection.ping().await.expect("the server answers");
        trips.push(start.elapsed().as_secs_f64());
    }
    Duration::from_secs_f64(Samples::new(trips).median())
}

impl Size {
    fn load(self) -> Load {
        Load { tasks: self.tasks, length: self.round }
    }
}

impl Distance {
    /// Shortlease by a peer.
    fn ratio(&self, peer: &[f64]) -> f64 {
        let (_, ours) = self.results.last().expect("shortlease is one of them");
        ratio(ours, peer)
    }
}

/// The median of the rounds' ratios.
fn ratio(ours: &[f64], peer: &[f64]) -> f64 {
    Samples::new(ours.iter().zip(peer).map(|(ours, peer)| ours / peer)).median()
}

impl Report {
    /// Shortlease by each peer, at each distance.
    pub fn ratios(&self) -> impl Iterator<Item = f64> {
        self.distances
            .iter()
            .flat_map(|distance| distance.results.iter().map(|(_, rounds)| distance.ratio(rounds)))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table =
            table::new(["one-way delay", "pool", "leases/s", "least to most", "shortlease by it"]);
        for distance in &self.distances {
            for (nth, (name, rounds)) in distance.results.iter().enumerate() {
                let samples = Samples::new(rounds.iter().copied());
                table.add_row([
                    if nth == 0 { delay(distance) } else { String::new() },
                    (*name).to_owned(),
                    format!("{:.0}", samples.median()),
                    format!("{:.0} to {:.0}", samples.least(), samples.greatest()),
                    format!("{:.2}", distance.ratio(rounds)),
                ]);
            }
        }
        table::left(&mut table, 1);
        writeln!(f, "{}", table.trim_fmt())?;
        let Size { connections, tasks, round, rounds } = self.size;
        write!(
            f,
            "{connections} connections, {tasks} tasks, one prepared SELECT 1 for each lease. \
             {rounds} rounds of {round:?} for each pool, in turn;\n\
             medians, and the median of the rounds' ratios."
        )
    }
}

fn delay(Distance { one_way, round_trip, .. }: &Distance) -> String {
    if one_way.is_zero() {
        format!("loopback (ping {round_trip:.0?})")
    } else {
        format!("{one_way:?} (ping {round_trip:.2?})")
    }
}
