//! The examples of docs/recipes.md and docs/migration.md, and one of docs/cookbook.md, which show each file up to its tests.

mod compensation;
mod documents;
mod double;
mod idempotency;
mod many;
mod middleware;
#[path = "../migration/mod.rs"]
mod migration;
mod outbox;
mod pages;
mod queue;
mod remote;
mod version_check;
mod worker;
