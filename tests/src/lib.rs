//! The servers and networks that shortlease is tested against: a real PostgreSQL, a real PgBouncer, and a
//! TCP proxy that delays, freezes, cuts and counts what passes between them and the code under test.

pub mod counts;
pub mod cut;
mod home;
mod kept;
pub mod pgbouncer;
mod ports;
pub mod postgres;
mod protocol;
pub mod proxy;
pub mod wait;
