//! Who calls, and what they may call.

use std::sync::Arc;

use crate::error::Error;
use crate::tool_name::ToolName;

/// A team, by one of its tokens, with what the team may call.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The team.
    pub team: Arc<str>,
    /// The token's id.
    pub token: Arc<str>,
    /// When the token ends.
    pub expires_at: Option<i64>,
    /// The tools it may call.
    pub grants: Grants,
}

/// A call that was permitted. Nothing else makes one, so no call passes the permissions by.
#[derive(Clone, Debug)]
pub struct Permitted {
    caller: Caller,
    tool: ToolName,
}

impl Caller {
    /// Permits a call of a tool.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchTool`], the same as for a tool that does not exist: a team learns nothing about the tools
    /// of others.
    pub fn permit(self, tool: &str) -> Result<Permitted, Error> {
        let tool = ToolName::parse(tool).ok_or(Error::NoSuchTool)?;
        if !self.grants.cover(&tool) {
            return Err(Error::NoSuchTool);
        }
        Ok(Permitted { caller: self, tool })
    }
}

impl Permitted {
    /// Who calls.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The tool that may be called.
    #[must_use]
    pub fn tool(&self) -> &ToolName {
        &self.tool
    }
}

/// The patterns of a team: `upstream__tool`, `upstream__*` or `*`.
#[derive(Clone, Debug, Default)]
pub struct Grants(Arc<[String]>);

impl Grants {
    /// Reads patterns with blanks between them.
    #[must_use]
    pub fn parse(patterns: &str) -> Self {
        Grants(patterns.split_whitespace().map(str::to_owned).collect())
    }

    /// Returns `true` if one of them covers the tool.
    #[must_use]
    pub fn cover(&self, tool: &ToolName) -> bool {
        self.0.iter().any(|pattern| match pattern.split_once(ToolName::SEPARATOR) {
            Some((upstream, "*")) => upstream == tool.upstream(),
            Some((upstream, name)) => (upstream, name) == (tool.upstream(), tool.name()),
            None => pattern == "*",
        })
    }

    /// Returns `true` if one of them covers a tool of the upstream.
    #[must_use]
    pub fn cover_upstream(&self, upstream: &str) -> bool {
        self.0.iter().any(|pattern| {
            pattern == "*"
                || pattern.split_once(ToolName::SEPARATOR).is_some_and(|(of, _)| of == upstream)
        })
    }

    /// The patterns.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(patterns: &str, tool: &str) -> bool {
        Grants::parse(patterns).cover(&ToolName::parse(tool).unwrap())
    }

    #[test]
    fn patterns_cover_a_tool_an_upstream_or_all() {
        assert!(covers("a__x", "a__x") && covers("b__* a__*", "a__x") && covers("*", "a__x"));
        assert!(!covers("", "a__x") && !covers("a__y b__*", "a__x") && !covers("a", "a__x"));
        // A tool's own name may have the separator.
        assert!(covers("a__x__y", "a__x__y") && !covers("a__x", "a__x__y"));
    }

    #[test]
    fn a_call_without_a_grant_is_of_no_such_tool() {
        let grants = Grants::parse("a__x");
        let caller = Caller { team: "t".into(), token: "k".into(), expires_at: None, grants };
        assert!(caller.clone().permit("a__x").is_ok());
        for tool in ["a__y", "b__x", "nonsense", ""] {
            assert!(matches!(caller.clone().permit(tool), Err(Error::NoSuchTool)), "{tool}");
        }
    }
}
