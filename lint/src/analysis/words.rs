//! Judgements by name, where types tell nothing.

use ustr::Ustr;

use crate::libraries;
use crate::syntax::visit::each;
use crate::syntax::{Expr, Kind};

/// Returns true for a response that says that something went wrong.
pub(super) fn names_an_error(expr: &Expr) -> bool {
    let mut found = false;
    each(expr, &mut |inner| {
        let mut see = |name: &Ustr| {
            let name = name.to_ascii_lowercase();
            found |= [
                "err", "bad_request", "badrequest", "not_found", "notfound", "unauthorized",
                "forbidden", "conflict", "internal", "unprocessable", "fail", "reject", "abort",
            ]
            .iter()
            .any(|word| name.contains(word));
        };
        match &inner.kind {
            Kind::Path(path) => path.names.iter().for_each(&mut see),
            Kind::Method { name, .. } => see(name),
            Kind::Struct { path, .. } => path.names.iter().for_each(&mut see),
            _ => {}
        }
    });
    found
}

/// Returns true for methods that, by their name, give back what they were made with.
pub(super) fn hands_on_by_name(name: &str) -> bool {
    [
        "release", "into_", "transaction", "conn", "lock", "acquire", "begin", "guard", "inner",
        "open",
    ]
    .iter()
    .any(|word| name.contains(word))
}

/// Returns true for SQL that selects data, or asks for a value.
pub(super) fn selects_sql(text: &str) -> bool {
    text.trim_start().get(..6).is_some_and(|first| first.eq_ignore_ascii_case("select"))
}

/// Returns true for SQL that changes data.
pub(super) fn writes_sql(text: &str) -> bool {
    let start = text.trim_start();
    ["insert", "update", "delete", "merge", "replace", "truncate", "copy"]
        .iter()
        .any(|word| start.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word)))
}

/// Returns true unless a name says that it only reads.
pub(super) fn writes_by_name(head: Option<Ustr>) -> bool {
    let Some(head) = head else { return false };
    let settles = ["security", "rls", "search_path", "session", "timeout", "isolation", "config"];
    let session = head.starts_with("set_") && settles.iter().any(|word| head.contains(word));
    if session {
        return false;
    }
    libraries::writes(&head)
        || [
            "insert", "create", "update", "delete", "save", "store", "remove", "mark", "set_",
            "upsert", "record", "add_",
        ]
        .iter()
        .any(|word| head.starts_with(word))
}

pub(super) fn is_route(path: &[Ustr]) -> bool {
    path.last().is_some_and(|name| {
        matches!(
            name.as_str(),
            "get"
                | "post"
                | "put"
                | "delete"
                | "patch"
                | "head"
                | "options"
                | "route"
                | "handler"
                | "debug_handler"
                | "endpoint"
        )
    })
}

/// Names that many types share.
pub(super) fn common(name: &str) -> bool {
    matches!(
        name,
        "new"
            | "get"
            | "set"
            | "send"
            | "run"
            | "next"
            | "call"
            | "len"
            | "push"
            | "insert"
            | "remove"
            | "execute"
            | "query"
            | "load"
            | "save"
            | "find"
            | "create"
            | "update"
            | "delete"
            | "start"
            | "stop"
            | "close"
            | "open"
            | "read"
            | "write"
            | "recv"
            | "lock"
            | "map"
            | "filter"
            | "text"
            | "json"
            | "bytes"
            | "build"
            | "connect"
            | "status"
            | "handle"
            | "process"
            | "fetch"
            | "list"
            | "add"
            | "count"
            | "all"
            | "one"
            | "exec"
            | "first"
            | "begin"
            | "commit"
            | "rollback"
            | "wait"
            | "join"
            | "body"
            | "headers"
            | "name"
            | "id"
            | "fetch_one"
            | "fetch_all"
            | "fetch_optional"
            | "get_result"
            | "to_string"
            | "poll"
            | "flush"
            | "shutdown"
            | "ready"
            | "with"
            | "apply"
            | "check"
    )
}
