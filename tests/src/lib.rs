//! The servers and networks that shortlease is tested against: a real PostgreSQL, a real PgBouncer, and a
//! TCP proxy that delays, freezes, cuts and counts what passes between them and the code under test. And
//! faults to strike them with, under a load that keeps a ledger.

pub mod counts;
pub mod cut;
pub mod dice;
pub mod faults;
pub mod handlers;
mod home;
mod kept;
pub mod load;
pub mod mounts;
pub mod pgbouncer;
mod ports;
pub mod postgres;
mod protocol;
pub mod proxy;
pub mod scratch;
pub mod soak;
pub mod wait;
