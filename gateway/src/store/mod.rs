//! The tables, one file for each. Functions here run on their caller's lease and return owned
//! values; none knows of HTTP, MCP or JSON documents.

pub mod audit;
pub mod calls;
pub mod old;
pub mod teams;
pub mod tokens;
pub mod tools;
pub mod upstreams;

/// How many rows a list has at most.
pub const PAGE: i64 = 100;

/// The beginning of a page of rows by time: the newest, or the ones older than an id.
#[derive(Clone, Debug, Default)]
pub struct Before(Option<String>);

impl Before {
    /// Rows older than that id; the newest if there is none.
    #[must_use]
    pub fn id(id: Option<String>) -> Self {
        Before(id)
    }

    /// Ids are hexadecimal, so this is above all of them, in the order of every language.
    fn into_bound(self) -> String {
        self.0.unwrap_or_else(|| "z".into())
    }
}
