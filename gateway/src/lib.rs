//! An MCP gateway as teams run it, written as users of shortlease would: `cargo run -p shortlease-gateway`.
//!
//! | to read | in |
//! | --- | --- |
//! | the call path: read, ask the tool, record | [`call`] |
//! | what the database keeps, one file for each table | [`store`] |
//! | servers that have the tools, and what protects callers from them | [`upstream`] |
//! | cache and rate limit | [`shared`] |
//! | routes and middleware | [`http`] |
//! | MCP over streamable HTTP and stdio | [`mcp`], [`stdio`] |
//! | credentials of upstreams | [`headers`] |
//! | from start to stop | [`gateway`] |

// Futures of rmcp and of leases in each other are deep.
#![recursion_limit = "256"]

pub mod answers;
pub mod app;
pub mod call;
pub mod caller;
pub mod check;
pub mod database;
pub mod demo;
pub mod error;
pub mod exposition;
pub mod first_run;
pub mod gateway;
pub mod headers;
pub mod http;
pub mod identify;
pub mod ids;
pub mod log;
pub mod lookups;
pub mod mcp;
pub mod metrics;
pub mod open;
pub mod prune;
pub mod readiness;
mod record;
pub mod registry;
pub mod run;
pub mod secret;
pub mod serve;
pub mod settings;
pub mod shared;
pub mod stdio;
pub mod store;
pub mod tool_name;
pub mod upstream;
pub mod welcome;
