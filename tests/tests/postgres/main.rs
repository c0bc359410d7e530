//! PostgreSQL: the promises for any database, and PostgreSQL's own.

mod cancellation;
mod capacity;
mod checked;
mod close;
mod connection_settings;
mod direct;
mod dropped_rows;
mod events;
mod hosts;
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
