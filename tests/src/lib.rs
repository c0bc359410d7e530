//! The servers and networks that shortlease is tested against: a real PostgreSQL, a real PgBouncer, and a
//! TCP proxy that delays, freezes, cuts and counts what passes between them and the code under test.

mod home;
mod kept;
pub mod postgres;
pub mod wait;
