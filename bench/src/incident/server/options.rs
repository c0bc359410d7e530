//! How the server of one process works.

use std::fmt;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

/// How the server of one process works.
#[derive(Args, Clone, Debug, Deserialize, Serialize)]
pub struct Options {
    /// How connections are held
    #[arg(long)]
    pub(crate) style: Style,
    /// The URL of the database
    #[arg(long)]
    pub(crate) database: String,
    /// Connections in the pool
    #[arg(long)]
    pub(crate) pool: u32,
    /// How long the backend may take
    #[arg(long)]
    pub(crate) patience_ms: u64,
    /// How long a request may wait for a connection: each pool's own default if not given
    #[arg(long)]
    pub(crate) acquire_ms: Option<u64>,
    /// How many processes share the database
    #[arg(long, default_value_t = 1)]
    pub(crate) instances: u32,
    /// `PgBouncer` in transaction mode, which keeps named statements, stands before the database
    #[arg(long)]
    pub(crate) pgbouncer: bool,
}

/// Ways to hold a connection.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ValueEnum)]
pub enum Style {
    /// One transaction from authentication to the answer
    Held,
    /// `sqlx::Pool`, each connection given back before the next remote call
    ByHand,
    /// shortlease
    Leased,
}

impl Options {
    pub(super) fn acquire_timeout(&self) -> Option<Duration> {
        self.acquire_ms.map(Duration::from_millis)
    }
}

impl fmt::Display for Style {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Style::Held => "held",
            Style::ByHand => "by-hand",
            Style::Leased => "leased",
        })
    }
}
