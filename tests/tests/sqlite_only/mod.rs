//! What only SQLite does.

mod checked;
mod ended;
mod files;
mod writers;
