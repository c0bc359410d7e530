//! The features `rmcp` and `lifecycle`: MCP servers and their clients, and servers in processes of their own.

mod answers;
mod cancelled;
mod child;
mod client;
mod ends;
mod over_http;
mod python;
mod starts;
