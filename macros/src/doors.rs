//! Reads types and calls as far as SL006 needs: which are doors to a raw connection.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprCall, ExprLit, ExprMethodCall, Generics, Ident, Lit, LitStr, PathSegment, Type,
};

/// The name in a parameter's type that is a raw connection, transaction or pool.
pub(crate) fn in_type(ty: &Type) -> Option<&Ident> {
    Doors::seen(|doors| doors.visit_type(ty))
}

/// As [`in_type`], in the bounds of a type parameter.
pub(crate) fn in_generics(generics: &Generics) -> Option<&Ident> {
    Doors::seen(|doors| doors.visit_generics(generics))
}

/// `SqlitePool::acquire(..)`: the method's name.
pub(crate) fn by_path(call: &ExprCall) -> Option<&Ident> {
    let Expr::Path(function) = &*call.func else { return None };
    let mut names = function.path.segments.iter().rev().map(|segment| &segment.ident);
    let (method, of) = (names.next()?, names.next()?);
    ((is_raw(of) || is_generic(of)) && takes(method)).then_some(method)
}

struct Doors<'ast>(Option<&'ast Ident>);

impl<'ast> Doors<'ast> {
    fn seen(visit: impl FnOnce(&mut Self)) -> Option<&'ast Ident> {
        let mut doors = Doors(None);
        visit(&mut doors);
        doors.0
    }
}

impl<'ast> Visit<'ast> for Doors<'ast> {
    fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
        // sqlx's generic names never stand without their arguments; others' may be anything.
        if is_raw(&segment.ident) || (is_generic(&segment.ident) && !segment.arguments.is_none()) {
            self.0.get_or_insert(&segment.ident);
        }
        visit::visit_path_segment(self, segment);
    }
}

fn is_raw(name: &Ident) -> bool {
    const RAW: [&str; 17] = [
        "PgPool",
        "PgConnection",
        "PgTransaction",
        "PgListener",
        "SqlitePool",
        "SqliteConnection",
        "SqliteTransaction",
        "MySqlPool",
        "MySqlConnection",
        "MySqlTransaction",
        "AnyPool",
        "AnyConnection",
        "AnyTransaction",
        "PgExecutor",
        "SqliteExecutor",
        "MySqlExecutor",
        "AnyExecutor",
    ];
    RAW.contains(&name.to_string().as_str())
}

/// As [`is_call`], among the tokens of a macro: the method's name.
pub(crate) fn in_tokens(tokens: TokenStream) -> Option<Ident> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let here = tokens.windows(3).find_map(|three| match three {
        [TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(arguments)]
            if dot.as_char() == '.' && arguments.delimiter() == Delimiter::Parenthesis =>
        {
            let begins = method == "begin_with" || method == "try_begin_with";
            let takes = begins || takes(method) && arguments.stream().is_empty();
            takes.then(|| method.clone())
        }
        _ => None,
    });
    here.or_else(|| {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Group(group) => in_tokens(group.stream()),
            _ => None,
        })
    })
}

fn is_generic(name: &Ident) -> bool {
    ["Pool", "PoolConnection", "Transaction", "Executor", "Acquire"].iter().any(|raw| name == raw)
}

/// What is wrong with such a call.
pub(crate) fn refusal(method: &Ident) -> String {
    format!(
        "SL006: `.{method}()` opens a raw door to a connection, because nothing checks what is awaited while it is held -- use `session.lease` or `session.transaction`, or name the reason: `allow(SL006 = \"why\")`"
    )
}

/// Whether a call takes a raw connection or opens a raw transaction.
pub(crate) fn is_call(call: &ExprMethodCall) -> bool {
    match call.args.len() {
        0 => takes(&call.method),
        1 => call.method == "begin_with" || call.method == "try_begin_with",
        _ => false,
    }
}

fn takes(method: &Ident) -> bool {
    ["acquire", "try_acquire", "begin", "try_begin"].iter().any(|name| method == name)
}

/// The reason of an `unchecked`, where it says nothing.
pub(crate) fn unexplained(call: &ExprMethodCall) -> Option<&LitStr> {
    if call.method == "unchecked" { empty(call.args.first()?) } else { None }
}

/// As [`unexplained`], of `Conn::unchecked(conn, "", ..)`.
pub(crate) fn unexplained_by_path(call: &ExprCall) -> Option<&LitStr> {
    let Expr::Path(function) = &*call.func else { return None };
    let last = function.path.segments.last()?;
    if last.ident == "unchecked" { empty(call.args.get(1)?) } else { None }
}

fn empty(reason: &Expr) -> Option<&LitStr> {
    match reason {
        Expr::Lit(ExprLit { lit: Lit::Str(reason), .. }) => {
            reason.value().trim().is_empty().then_some(reason)
        }
        _ => None,
    }
}
