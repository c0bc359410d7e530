//! A whole gateway in each test, driven from outside.

#![recursion_limit = "256"]

mod backend;
mod bodies;
mod browser;
mod callers;
mod calls;
mod cluster;
mod fixture;
mod health;
#[path = "../../examples/cluster/load.rs"]
mod load;
mod log;
mod mcp_client;
mod monitoring;
mod page;
#[path = "../../examples/cluster/parts.rs"]
mod parts;
#[path = "../../examples/cluster/process.rs"]
mod process;
mod processes;
mod prune;
mod python;
mod redis;
mod secrets;
mod starts;
mod teams;
mod upstreams;

/// The gateway of this build.
const PROGRAM: &str = env!("CARGO_BIN_EXE_gateway");
