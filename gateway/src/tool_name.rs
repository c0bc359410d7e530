//! Names of tools as clients see them.

use std::fmt;

/// A tool's name: its upstream's, two underscores, and the name it has there. So two upstreams may each have a
/// tool `search`. An upstream's name has no underscore, which makes the first two the separator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ToolName {
    text: String,
    upstream: usize,
}

impl ToolName {
    /// Between upstream and tool.
    pub const SEPARATOR: &'static str = "__";

    /// Reads a name; `None` if it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (upstream, name) = text.split_once(Self::SEPARATOR)?;
        (is_upstream(upstream) && !name.is_empty() && text.len() <= 128)
            .then(|| ToolName { text: text.to_owned(), upstream: upstream.len() })
    }

    /// Puts a name together.
    #[must_use]
    pub fn new(upstream: &str, name: &str) -> Self {
        let text = format!("{upstream}{}{name}", Self::SEPARATOR);
        ToolName { text, upstream: upstream.len() }
    }

    /// The upstream.
    #[must_use]
    pub fn upstream(&self) -> &str {
        &self.text[..self.upstream]
    }

    /// The name that the upstream knows.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.upstream + Self::SEPARATOR.len()..]
    }

    /// The whole name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for ToolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Returns `true` for a name that an upstream or a team may have: lower case letters, digits and `-`.
#[must_use]
pub fn is_upstream(name: &str) -> bool {
    (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_separator_parts_upstream_and_tool() {
        let name = ToolName::parse("git-hub__find__all").unwrap();
        assert_eq!((name.upstream(), name.name()), ("git-hub", "find__all"));
        assert_eq!(ToolName::new("git-hub", "find__all"), name);
        // A tool that begins with an underscore is still its upstream's.
        let underscore = ToolName::new("a", "_x");
        assert_eq!(ToolName::parse(underscore.as_str()).unwrap(), underscore);
        assert_eq!(underscore.upstream(), "a");
    }

    #[test]
    fn other_texts_are_no_names() {
        for text in ["", "a", "a_x", "a__", "__x", "A__x", "a b__x"] {
            assert_eq!(ToolName::parse(text), None, "{text}");
        }
    }
}
