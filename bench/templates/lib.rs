pub mod backend;
pub mod error;
pub mod handlers;
pub mod routes;
