//! The audit behind `cargo shortlease`: finds database connections that are held across awaits which are not
//! database calls, in code that was never written for shortlease.

mod allow;
mod analysis;
mod audit;
mod config;
mod discover;
mod findings;
mod index;
mod libraries;
mod source;
mod syntax;
mod types;

pub use audit::{Progress, Report, Silent, audit, audit_file};
pub use findings::{Code, Confidence, Finding, GuardKind, Link, Place, Severity, Waits};
pub use source::SourceFile;
pub use syntax::Span;
