//! The log, on stderr: stdout is for the first screen, and for MCP over stdio.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

use crate::settings::Settings;

/// Starts the log.
///
/// # Errors
///
/// If the filter is none.
pub fn start(settings: &Settings) -> Result<(), ParseError> {
    let filter = if settings.quiet { "error" } else { &settings.log };
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(filter)?)
        .with_ansi(stderr().is_terminal())
        .with_writer(stderr);
    // A test may have started one.
    let _ = builder.try_init();
    Ok(())
}
