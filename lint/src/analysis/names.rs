//! Names in patterns, expressions and blocks.

use std::collections::HashSet;

use ustr::Ustr;

use crate::syntax::visit::{each, each_in_block};
use crate::syntax::{Block, Expr, Kind, MacroContent, Pat, Span};

/// Returns the variable that a place belongs to.
pub(super) fn root_of(expr: &Expr) -> Option<Ustr> {
    match &expr.kind {
        Kind::Path(path) => path.names.first().copied().filter(|_| path.names.len() == 1),
        Kind::Field { base, .. } | Kind::Index { base, .. } => root_of(base),
        Kind::Deref(inner) | Kind::Ref { expr: inner } => root_of(inner),
        Kind::Method { receiver, .. } => root_of(receiver),
        _ => None,
    }
}

pub(super) fn first_name(pat: &Pat) -> Option<Ustr> {
    first_bind(pat).map(|(name, _)| name)
}

/// Returns the first variable of a pattern, and where it is named.
pub(super) fn first_bind(pat: &Pat) -> Option<(Ustr, Span)> {
    match pat {
        Pat::Bind { name, span, .. } => Some((*name, *span)),
        Pat::Tuple(list) | Pat::Or(list) => list.iter().find_map(first_bind),
        Pat::TupleStruct { elems, .. } => elems.iter().find_map(first_bind),
        Pat::Struct { fields, .. } => fields.iter().find_map(|(_, pat)| first_bind(pat)),
        Pat::Ref(inner) | Pat::Typed(inner, _) => first_bind(inner),
        Pat::Path(_) | Pat::Rest | Pat::Wild => None,
    }
}

/// Returns true for `Err(..)`.
pub(super) fn is_error(pat: &Pat) -> bool {
    match pat {
        Pat::TupleStruct { path, .. } => path.last().is_some_and(|name| name == "Err"),
        _ => false,
    }
}

/// Returns true for `None` and `Err(..)`, also in `Ok(..)` or `Some(..)`: nothing is there.
pub(super) fn says_none(pat: &Pat) -> bool {
    match pat {
        Pat::Path(path) => path.last().is_some_and(|name| name == "None"),
        Pat::Or(pats) => pats.iter().all(says_none),
        pat => is_error(pat) || inside(pat).is_some_and(says_none),
    }
}

/// Returns true for `Some(x)`, `Ok(x)` and `Ok(Some(x))`, which match all that is there.
pub(super) fn takes_all(pat: &Pat) -> bool {
    inside(pat).is_some_and(|inner| {
        matches!(inner, Pat::Bind { sub: None, .. } | Pat::Wild) || takes_all(inner)
    })
}

/// Returns the pattern in `Ok(..)` or `Some(..)`.
fn inside(pat: &Pat) -> Option<&Pat> {
    match pat {
        Pat::TupleStruct { path, elems } => {
            let there = path.last().is_some_and(|name| ["Ok", "Some", "Ready"].contains(&&**name));
            elems.first().filter(|_| there && elems.len() == 1)
        }
        _ => None,
    }
}

pub(super) fn names_in_block(block: &Block) -> HashSet<Ustr> {
    let mut names = HashSet::new();
    each_in_block(block, &mut |inner| collect_name(inner, &mut names));
    names
}

pub(super) fn collect_name(expr: &Expr, names: &mut HashSet<Ustr>) {
    match &expr.kind {
        Kind::Path(path) => {
            if let [name] = path.names.as_slice() {
                names.insert(*name);
            }
        }
        Kind::Macro(call) => {
            if let MacroContent::Tokens { names: found } = &call.content {
                names.extend(found);
            }
        }
        _ => {}
    }
}

/// Returns true if an expression contains an await, an async block or a yield.
pub(super) fn is_async_inside(expr: &Expr) -> bool {
    let mut found = false;
    each(expr, &mut |inner| {
        found |= matches!(
            inner.kind,
            Kind::Await { .. }
                | Kind::Async { .. }
                | Kind::Closure { is_async: true, .. }
                | Kind::Yield(_)
        );
    });
    found
}

/// Returns true if a block waits somewhere, as far as its macros can be read.
pub(super) fn waits_inside(block: &Block) -> bool {
    let mut found = false;
    each_in_block(block, &mut |inner| {
        found |= match &inner.kind {
            Kind::Await { .. } => true,
            Kind::Macro(call) => match &call.content {
                MacroContent::Args(_) => {
                    call.path.last().is_some_and(|name| name == "join" || name == "try_join")
                }
                MacroContent::Select(_) | MacroContent::Tokens { .. } => true,
                MacroContent::Body(_) | MacroContent::Expanded(_) => false,
            },
            _ => false,
        };
    });
    found
}

/// Returns the fields of a variable that a body sets, or sets something in.
pub(super) fn assigned_fields(body: &Block, variable: Ustr) -> Vec<Ustr> {
    let mut found = Vec::new();
    each_in_block(body, &mut |inner| {
        if let Kind::Assign { left, .. } = &inner.kind {
            found.extend(field_of(left, variable));
        }
    });
    found
}

/// Returns the field of a variable that a place is in.
fn field_of(place: &Expr, variable: Ustr) -> Option<Ustr> {
    let Kind::Field { base, name } = &place.kind else { return None };
    match &base.kind {
        Kind::Field { .. } => field_of(base, variable),
        _ => root_of(base).filter(|root| *root == variable).map(|_| *name),
    }
}

/// Returns an expression's names as text: `self.client.post(`.
pub(super) fn source_words(expr: &Expr) -> String {
    match &expr.kind {
        Kind::Path(path) => path.names.iter().map(Ustr::as_str).collect::<Vec<_>>().join("::"),
        Kind::Field { base, name } => format!("{}.{name}", source_words(base)),
        Kind::Method { receiver, name, args, .. } => match args.is_empty() {
            true => format!("{}.{name}", source_words(receiver)),
            false => format!("{}.{name}(", source_words(receiver)),
        },
        Kind::Call { func, .. } => source_words(func),
        Kind::Await { base, .. } => source_words(base),
        Kind::Try(inner) | Kind::Deref(inner) | Kind::Ref { expr: inner } => source_words(inner),
        Kind::Index { base, .. } => source_words(base),
        _ => String::new(),
    }
}
