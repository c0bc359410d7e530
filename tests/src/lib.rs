//! The servers and networks that shortlease is tested against: a real PostgreSQL, a real PgBouncer, and a
//! TCP proxy that delays, pauses, cuts and counts what passes between them and the code under test. And
//! faults to strike them with, under a load that keeps a ledger.

pub mod authority;
mod child_server;
pub mod counts;
pub mod faults;
pub mod handlers;
pub mod interrupt;
pub mod load;
pub mod mcp;
pub mod mounts;
pub mod mysql;
pub mod pgbouncer;
mod ports;
pub mod postgres;
mod protocol;
pub mod proxy;
pub mod redis;
pub mod scratch;
pub mod seeded_rng;
mod server_dir;
pub mod soak;
pub mod wait;
