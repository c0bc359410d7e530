//! SL006: raw connections, transactions and pools in a handler.

use syn::visit::{self, Visit};
use syn::{Generics, Ident, PathSegment, Type};

/// Returns the name in a parameter's type that is a raw connection, transaction or pool.
pub(crate) fn in_type(ty: &Type) -> Option<&Ident> {
    Names::first(|names| names.visit_type(ty))
}

/// Returns such a name in the bounds of a type parameter.
pub(crate) fn in_generics(generics: &Generics) -> Option<&Ident> {
    Names::first(|names| names.visit_generics(generics))
}

/// Tells whether a function takes a connection from a pool, such as `SqlitePool::acquire`.
pub(crate) fn is_function(path: &[&str]) -> bool {
    matches!(path, [.., of, method] if (is_raw(of) || is_generic(of)) && takes(method))
}

/// Tells whether a method does, called on what these words name.
pub(crate) fn is_method(method: &str, arguments: usize, receiver: &str) -> bool {
    match arguments {
        0 => takes(method) && !(method.ends_with("acquire") && is_limit(receiver)),
        1 => matches!(method, "begin_with" | "try_begin_with"),
        _ => false,
    }
}

fn takes(method: &str) -> bool {
    matches!(method, "acquire" | "try_acquire" | "begin" | "try_begin")
}

/// Tells whether a name is that of a semaphore or another limit, whose permits are no connections.
fn is_limit(receiver: &str) -> bool {
    const LIMITS: [&str; 10] = [
        "sem", "permit", "limit", "throttl", "concurren", "slots", "gate", "quota", "bulkhead",
        "tokens",
    ];
    let receiver = receiver.to_lowercase();
    LIMITS.iter().any(|limit| receiver.contains(limit))
}

struct Names<'ast>(Option<&'ast Ident>);

impl<'ast> Names<'ast> {
    fn first(visit: impl FnOnce(&mut Self)) -> Option<&'ast Ident> {
        let mut names = Names(None);
        visit(&mut names);
        names.0
    }
}

impl<'ast> Visit<'ast> for Names<'ast> {
    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        // sqlx's generic names never stand without their arguments; others' may be anything.
        let name = segment.ident.to_string();
        if is_raw(&name) || (is_generic(&name) && !segment.arguments.is_none()) {
            self.0.get_or_insert(&segment.ident);
        }
        visit::visit_path_segment(self, segment);
    }
}

fn is_raw(name: &str) -> bool {
    let of_database =
        ["Pg", "Sqlite", "MySql", "Any"].iter().find_map(|prefix| name.strip_prefix(prefix));
    name == "PgListener"
        || of_database
            .is_some_and(|kind| matches!(kind, "Pool" | "Connection" | "Transaction" | "Executor"))
}

fn is_generic(name: &str) -> bool {
    matches!(name, "Pool" | "PoolConnection" | "Transaction" | "Executor" | "Acquire")
}

pub(crate) fn parameter(name: &Ident) -> String {
    format!(
        "SL006: a handler takes a raw `{name}`, which shortlease cannot check\nhelp: take `&mut Session<_>` instead\nhelp: or allow it: `allow(SL006 = \"reason\")`"
    )
}

pub(crate) fn call(method: &str, in_lease: bool) -> String {
    if in_lease && method.contains("begin") {
        return format!(
            "SL006: `.{method}()` opens a transaction that shortlease cannot check\nhelp: make it a transaction: `session.transaction(async |tx| ..)`\nhelp: inside of one, use `tx.savepoint(async |tx| ..)`; a leased function takes `&mut Tx<_>` for that\nhelp: or allow it: `allow(SL006 = \"reason\")`"
        );
    }
    let other = match method {
        "acquire" | "try_acquire" => {
            "\nnote: a semaphore? shortlease knows one by its name, such as `semaphore` or `permits`"
        }
        _ => "",
    };
    format!(
        "SL006: `.{method}()` takes a connection that shortlease cannot check\nhelp: use `session.lease(..)` or `session.transaction(..)`\nhelp: or allow it: `allow(SL006 = \"reason\")`{other}"
    )
}

pub(crate) const NO_REASON: &str = "SL006: `unchecked` is given an empty reason\nhelp: say what the connection is lent for\nnote: nothing checks what is awaited in there, and a reader should know why";
