//! Answers that may be used again.

use std::time::Duration;

use rmcp::model::{CallToolResult, JsonObject};
use sha2::{Digest, Sha256};

use crate::ids::hex;
use crate::store::tools::Callable;
use crate::tool_name::ToolName;

/// How long an answer of the tool may be used again: not at all, unless the tool only reads and the operator has
/// said a time for its upstream.
#[must_use]
pub fn lifetime(tool: &Callable) -> Duration {
    let ms = if tool.read_only { tool.upstream.cache_ms } else { 0 };
    Duration::from_millis(ms.try_into().unwrap_or_default())
}

/// The key of an answer. Teams share none, as an answer may be for one of them alone. Nor does an upstream keep its answers
/// once it is changed, as they may be those of another server or account.
#[must_use]
pub fn key(team: &str, tool: &ToolName, changed_at: i64, arguments: &JsonObject) -> String {
    let arguments = serde_json::to_string(arguments).unwrap_or_default();
    let digest = Sha256::new().chain_update(team).chain_update([0]).chain_update(tool.as_str());
    let digest = digest.chain_update([0]).chain_update(changed_at.to_be_bytes());
    hex(&digest.chain_update(arguments).finalize())
}

/// Reads an answer that was kept.
#[must_use]
pub fn read(text: &str) -> Option<CallToolResult> {
    serde_json::from_str(text).ok()
}

/// Writes an answer to be kept; `None` for one that says that the tool failed.
#[must_use]
pub fn write(answer: &CallToolResult) -> Option<String> {
    let good = answer.is_error != Some(true);
    good.then(|| serde_json::to_string(answer).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teams_tools_changes_and_arguments_have_keys_of_their_own() {
        let none = JsonObject::new();
        let some = JsonObject::from_iter([("a".to_owned(), 1.into())]);
        let tool = |text| ToolName::parse(text).unwrap();
        let keys = [
            key("a", &tool("u__x"), 1, &none),
            key("b", &tool("u__x"), 1, &none),
            key("a", &tool("u__y"), 1, &none),
            key("a", &tool("u__x"), 2, &none),
            key("a", &tool("u__x"), 1, &some),
        ];
        for (nth, one) in keys.iter().enumerate() {
            assert!(!keys[nth + 1..].contains(one));
        }
    }
}
