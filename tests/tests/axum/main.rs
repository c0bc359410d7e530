//! The feature `axum`, over real sockets.

mod middleware;
mod pages;
mod problems;
mod server;
mod sessions;
