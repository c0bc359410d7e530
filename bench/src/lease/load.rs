//! Tasks that lease, and lease again.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::peers::Peer;

#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) tasks: usize,
    pub(super) length: Duration,
}

impl Load {
    /// Leases per second, over all tasks.
    pub(super) async fn run(self, peer: &Peer) -> f64 {
        let start = Instant::now();
        let end = start + self.length;
        let mut tasks = JoinSet::new();
        for _ in 0..self.tasks {
            let peer = Peer::clone(peer);
            tasks.spawn(async move {
                let mut leases = 0_u32;
                while Instant::now() < end {
                    assert_eq!(peer.select_one().await, 1);
                    leases += 1;
                }
                leases
            });
        }
        let leases: u32 = tasks.join_all().await.into_iter().sum();
        peer.upkeep();
        f64::from(leases) / start.elapsed().as_secs_f64()
    }

    /// Opens all connections, and prepares on each.
    pub(super) async fn warm_up(self, peer: &Peer) {
        Load { length: self.length / 4, ..self }.run(peer).await;
    }
}
