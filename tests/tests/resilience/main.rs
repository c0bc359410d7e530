//! What other pools were reported for: servers that come and go, connections that are not what they were,
//! processes that start together.

mod bound;
mod closing;
mod connects;
mod credentials;
mod foreign_transactions;
mod limits;
mod listening;
mod migrations;
mod outdated;
mod processes;
mod roles;
mod snapshots;
mod tenants;
mod tls;
mod types;
mod writers;
