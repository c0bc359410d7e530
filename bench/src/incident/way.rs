//! The four ways to do the same work.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::server::Style;

/// A way to hold connections, and how many processes do it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// One transaction from authentication to the answer
    Held,
    /// `sqlx::Pool`, each connection given back before the next remote call
    ByHand,
    /// shortlease
    Shortlease,
    /// shortlease in three processes behind one `PgBouncer`
    Pgbouncer,
}

impl Way {
    /// All of them, in the order of the report.
    pub const ALL: [Way; 4] = [Way::Held, Way::ByHand, Way::Shortlease, Way::Pgbouncer];

    /// Server processes.
    pub(super) fn instances(self) -> u32 {
        if self.is_pooled() { 3 } else { 1 }
    }

    /// Behind a pooler.
    pub(super) fn is_pooled(self) -> bool {
        self == Way::Pgbouncer
    }

    pub(super) fn is_shortlease(self) -> bool {
        matches!(self, Way::Shortlease | Way::Pgbouncer)
    }

    pub(super) fn style(self) -> Style {
        match self {
            Way::Held => Style::Held,
            Way::ByHand => Style::ByHand,
            Way::Shortlease | Way::Pgbouncer => Style::Leased,
        }
    }

    /// As a part of a name.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Way::Held => "held",
            Way::ByHand => "by_hand",
            Way::Shortlease => "shortlease",
            Way::Pgbouncer => "pooled",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Held => "held across the call",
            Way::ByHand => "sqlx::Pool by hand",
            Way::Shortlease => "shortlease",
            Way::Pgbouncer => "shortlease x 3, PgBouncer",
        })
    }
}
