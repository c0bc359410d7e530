//! The formats of a report.

mod github;
mod html;
mod human;
mod json;
mod sarif;

pub use github::github;
pub use html::plan_html;
pub use human::{human, plural, summary};
pub use json::json;
pub use sarif::sarif;
