//! What only SQLite does.

mod checked;
mod files;
mod writers;
