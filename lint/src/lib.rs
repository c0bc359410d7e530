//! The audit behind `cargo shortlease`: finds database connections that are held across awaits which are not
//! database calls, in code that was never written for shortlease.

mod advice;
mod allow;
mod analysis;
mod audit;
mod audited;
mod baseline;
mod config;
mod discover;
mod escapes;
mod findings;
mod fix;
mod index;
mod libraries;
mod plan;
mod progress;
mod reached;
pub mod report;
mod source;
mod syntax;
mod types;

pub use advice::{explain, recipe};
pub use audit::{Progress, Report, Silent, audit, audit_file, fix};
pub use baseline::Baseline;
pub use escapes::{Escape, find as escapes};
pub use findings::{Code, Confidence, Finding, GuardKind, Link, Place, Severity, Use, Waits};
pub use fix::{Change, Fix, Refusal};
pub use plan::{Item, Plan, State};
pub use progress::Bar;
pub use source::SourceFile;
pub use syntax::Span;
