//! What only PostgreSQL does.

mod aborted;
mod checked;
mod network;
