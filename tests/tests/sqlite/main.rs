//! SQLite: the promises for any database, in files and in memory, and SQLite's own.

#![allow(clippy::duplicate_mod, reason = "the same tests on several databases")]

mod attributes;
mod checked;
mod files;
mod first_row;
mod handle;
mod in_file;
mod in_memory;
mod locked;
mod runtimes;
mod spans;
mod writers;
