//! What shortlease promises, whatever the database. The test file that includes this says in its module
//! `database` what `Database` is, and makes an empty one for each test.

pub(crate) mod fixture;
pub(crate) mod poll;

mod cancellation;
mod closing;
mod generic;
mod migrations;
mod pool;
pub(crate) mod settings;
mod sites;
mod transactions;
mod verbs;

pub(crate) use crate::database::{Database, Scratch};
