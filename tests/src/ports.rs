//! Ports for servers.

use std::hash::{BuildHasher, RandomState};

/// A port that is probably free: who takes it tries another when it is not. Below the ports that the system
/// gives to outgoing connections, so that a stopped server finds its own free again.
pub(crate) fn pick() -> u16 {
    let random = RandomState::new().hash_one(std::process::id());
    10_000 + (random % 20_000) as u16
}
