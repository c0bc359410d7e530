//! PostgreSQL: the promises for any database, and PostgreSQL's own.

mod cancellation;
mod capacity;
mod checked;
mod close;
mod direct;
mod events;
mod idle;
mod limits;
mod network;
mod rows;
mod stalled;
mod telemetry;
mod tenants;
mod tx_options;
mod unchecked;
mod wire;
