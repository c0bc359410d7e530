//! What other pools were reported for: servers that come and go, connections that are not what they were,
//! processes that start together.

mod connects;
mod foreign_transactions;
mod migrations;
mod outdated;
mod processes;
mod roles;
mod snapshots;
mod writers;
