//! The promises of shortlease for any database. The module that includes these tests has a module
//! `database` beside them, with the type of the database, its tables, and a `Scratch`, an empty one for each
//! test.

pub(crate) mod fixture;
pub(crate) mod poll;

mod cancellation;
mod closing;
mod generic;
mod migrations;
mod options;
mod pool;
pub(crate) mod settings;
mod sites;
mod transactions;
mod verbs;

pub(crate) use super::database::{Database, MIGRATIONS, Scratch};
