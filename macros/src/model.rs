//! What a lease looks like in source. `check` and `expand` both read it here.

use std::fmt;

use crate::item::{Function, Place};
use crate::{hidden, sql};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Expr, ExprClosure, ExprMethodCall, FnArg, Ident, Pat, ReturnType, Signature, Stmt, Type, UnOp,
};

/// A call that lends a connection to a body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lending {
    Lease,
    Transaction,
    Savepoint,
}

impl Lending {
    /// The call, where its one argument is an async closure written in place.
    pub(crate) fn of(call: &ExprMethodCall) -> Option<Self> {
        let lending = match call.method.to_string().as_str() {
            "lease" => Lending::Lease,
            "transaction" => Lending::Transaction,
            "savepoint" => Lending::Savepoint,
            _ => return None,
        };
        (call.args.len() == 1 && call.turbofish.is_none() && body(&call.args[0]).is_some())
            .then_some(lending)
    }

    /// The method of the runtime that knows its body to be checked.
    pub(crate) fn checked(self) -> &'static str {
        match self {
            Lending::Lease => "lease_in_handler",
            Lending::Transaction => "transaction_in_handler",
            Lending::Savepoint => "savepoint_in_lease",
        }
    }
}

/// What an await opens, behind parentheses.
pub(crate) fn opened(base: &mut Expr) -> Option<(Lending, &mut ExprMethodCall)> {
    match base {
        Expr::MethodCall(call) => Some((Lending::of(call)?, call)),
        Expr::Paren(paren) => opened(&mut paren.expr),
        Expr::Group(group) => opened(&mut group.expr),
        _ => None,
    }
}

/// The async closure over a connection, behind parentheses.
pub(crate) fn body(argument: &Expr) -> Option<&ExprClosure> {
    match argument {
        Expr::Closure(closure) if closure.asyncness.is_some() && closure.inputs.len() == 1 => {
            Some(closure)
        }
        Expr::Paren(paren) => body(&paren.expr),
        Expr::Group(group) => body(&group.expr),
        _ => None,
    }
}

/// As [`body`], to rewrite.
pub(crate) fn body_mut(argument: &mut Expr) -> Option<&mut ExprClosure> {
    match argument {
        Expr::Closure(closure) if closure.asyncness.is_some() && closure.inputs.len() == 1 => {
            Some(closure)
        }
        Expr::Paren(paren) => body_mut(&mut paren.expr),
        Expr::Group(group) => body_mut(&mut group.expr),
        _ => None,
    }
}

/// The name the body gives to its connection.
pub(crate) fn binding(body: &ExprClosure) -> Option<&Ident> {
    match body.inputs.first()? {
        Pat::Ident(pat) => Some(&pat.ident),
        Pat::Type(pat) => match &*pat.pat {
            Pat::Ident(pat) => Some(&pat.ident),
            _ => None,
        },
        _ => None,
    }
}

/// The verbs of `sqlx` that take a connection.
pub(crate) fn is_verb(method: &Ident) -> bool {
    let verbs = ["execute", "fetch", "fetch_all", "fetch_one", "fetch_optional"];
    verbs.contains(&method.to_string().as_str())
}

/// The call in a body that is no more than `QUERY.fetch_one(conn).await`, where QUERY has nothing of the
/// connection, can neither wait nor leave the body, and makes nothing that would be dropped after it.
pub(crate) fn one_statement(
    lending: Lending,
    body: &mut ExprClosure,
) -> Option<&mut ExprMethodCall> {
    let [Pat::Ident(conn)] = Vec::from_iter(&body.inputs)[..] else { return None };
    let bare = conn.attrs.is_empty() && conn.by_ref.is_none() && conn.mutability.is_none();
    if !bare || conn.subpat.is_some() || !body.attrs.is_empty() || body.capture.is_some() {
        return None;
    }
    let ReturnType::Default = body.output else { return None };
    let conn = conn.ident.clone();
    if is_raw(&conn) {
        return None;
    }
    let call = last_call(&mut body.body)?;
    let plain = call.attrs.is_empty() && call.turbofish.is_none() && call.args.len() == 1;
    let verb = plain && is_verb(&call.method) && call.method != "fetch";
    (verb && is_lent(&call.args[0], &conn, lending) && is_simple(&call.receiver, &conn))
        .then_some(call)
}

/// The call in `call(..).await`, in braces or not.
fn last_call(body: &mut Expr) -> Option<&mut ExprMethodCall> {
    match body {
        Expr::Block(block) if block.attrs.is_empty() && block.label.is_none() => {
            match &mut block.block.stmts[..] {
                [Stmt::Expr(last @ Expr::Await(_), None)] => last_call(last),
                _ => None,
            }
        }
        Expr::Await(node) if node.attrs.is_empty() => match &mut *node.base {
            Expr::MethodCall(call) => Some(call),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it is the connection, as itself or lent on: `conn`, `&mut *conn`, `&mut **tx`.
fn is_lent(expr: &Expr, conn: &Ident, lending: Lending) -> bool {
    fn stars<'e>(expr: &'e Expr, depth: &mut usize) -> &'e Expr {
        match expr {
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                *depth += 1;
                stars(&unary.expr, depth)
            }
            expr => expr,
        }
    }
    let (mut depth, most) = (0, if lending == Lending::Transaction { 2 } else { 1 });
    let lent = match expr {
        Expr::Reference(lent) if lent.mutability.is_some() => stars(&lent.expr, &mut depth),
        expr => return is_named(expr, conn),
    };
    is_named(lent, conn) && (1..=most).contains(&depth)
}

fn is_named(expr: &Expr, name: &Ident) -> bool {
    let Expr::Path(path) = expr else { return false };
    path.path.get_ident().is_some_and(|it| it == name && are_one(&it.span(), &name.span()))
}

/// Whether two names that are written alike are one variable: those of a macro by example are its own. Stable Rust
/// shows that in this way only.
pub(crate) fn are_one(span: &impl fmt::Debug, other: &impl fmt::Debug) -> bool {
    // `#0 bytes(12..16)`
    let context = |span: String| span.split_whitespace().next().map(str::to_owned);
    context(format!("{span:?}")) == context(format!("{other:?}"))
}

/// Whether it may as well be evaluated ahead of the lease: a place, or one call, as of `sqlx::query`, and what
/// is bound to that.
fn is_simple(query: &Expr, conn: &Ident) -> bool {
    match query {
        Expr::Macro(mac) if mac.attrs.is_empty() && hidden::is_query(&mac.mac) => {
            simple(mac.mac.tokens.clone(), conn).is_some()
        }
        query => is_chain(query, conn),
    }
}

fn is_chain(query: &Expr, conn: &Ident) -> bool {
    let are_simple = |arguments: &dyn ToTokens| simple(arguments.to_token_stream(), conn).is_some();
    match query {
        Expr::Call(call) if call.attrs.is_empty() => {
            matches!(&*call.func, Expr::Path(_))
                && is_place(&call.func, conn)
                && are_simple(&call.args)
        }
        Expr::MethodCall(call) if call.attrs.is_empty() && are_simple(&call.args) => {
            let binds = call.method == "bind" || call.method == "persistent";
            is_place(&call.receiver, conn)
                || binds && call.turbofish.is_none() && is_chain(&call.receiver, conn)
        }
        query => is_place(query, conn),
    }
}

/// Whether it is a variable, another path, or a field of one.
fn is_place(expr: &Expr, conn: &Ident) -> bool {
    match expr {
        Expr::Path(path) => {
            path.attrs.is_empty()
                && path.qself.is_none()
                && simple(path.path.to_token_stream(), conn).is_some()
        }
        Expr::Field(field) if field.attrs.is_empty() => is_place(&field.base, conn),
        _ => false,
    }
}

/// Whether tokens between two parentheses are simple; if so, whether there is a call among them.
///
/// What a call gives is dropped where it was made, if something borrows from it: a method, an operator.
fn simple(tokens: TokenStream, conn: &Ident) -> Option<bool> {
    let leaves = ["await", "return", "break", "continue", "yield", "become"];
    let (mut calls, mut operators, mut last) = (false, false, None);
    for token in tokens {
        let after_group = matches!(last, Some(TokenTree::Group(_)));
        match &token {
            TokenTree::Ident(ident) => {
                if ident == conn || is_raw(ident) || leaves.iter().any(|word| ident == word) {
                    return None;
                }
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                // Of `x?`, a closure or a choice, a macro or a negation, an attribute.
                '?' | '|' | '!' | '#' => return None,
                '.' if after_group => return None,
                ',' | '.' | ':' | '+' | '-' | '/' => {}
                _ => operators = true,
            },
            TokenTree::Group(group) => {
                calls |= simple(group.stream(), conn)?;
                match group.delimiter() {
                    Delimiter::Parenthesis => calls |= is_called(last.as_ref()),
                    Delimiter::Bracket if !after_group => {}
                    _ => return None,
                }
            }
            TokenTree::Literal(_) => {}
        }
        last = Some(token);
    }
    (!(calls && operators)).then_some(calls)
}

/// Whether parentheses that come after it hold arguments.
fn is_called(last: Option<&TokenTree>) -> bool {
    match last {
        Some(TokenTree::Ident(_) | TokenTree::Group(_)) => true,
        Some(TokenTree::Punct(punct)) => punct.as_char() == '>',
        _ => false,
    }
}

fn is_raw(ident: &Ident) -> bool {
    ident.to_string().starts_with("r#")
}

/// Whether it is built in place, as `sqlx::query(..).bind(..)`, or is one of these variables.
pub(crate) fn is_statement(expr: &Expr, variables: &[Ident]) -> bool {
    match expr {
        Expr::Path(path) => path.path.get_ident().is_some_and(|name| variables.contains(name)),
        Expr::Call(call) => match &*call.func {
            Expr::Path(function) => {
                let last = function.path.segments.last();
                last.is_some_and(|last| sql::is_function(&last.ident.to_string()))
            }
            _ => false,
        },
        Expr::MethodCall(call) => {
            let built = ["build_query_as", "build_query_scalar"];
            built.iter().any(|method| call.method == method)
                || is_statement(&call.receiver, variables)
        }
        Expr::Macro(mac) => hidden::is_query(&mac.mac),
        Expr::Paren(paren) => is_statement(&paren.expr, variables),
        Expr::Group(group) => is_statement(&group.expr, variables),
        _ => false,
    }
}

/// The variable that an expression borrows from: `conn` in `&mut *conn`.
pub(crate) fn root(expr: &Expr) -> Option<&Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Reference(reference) => root(&reference.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => root(&unary.expr),
        Expr::Paren(paren) => root(&paren.expr),
        Expr::Group(group) => root(&group.expr),
        _ => None,
    }
}

/// Whether a `#[leased]` on it, or on what it stands in, means this function: one with a connection among
/// its parameters, or, if it is marked itself, a method that may have one in `self`.
pub(crate) fn runs_on_lease(function: &Function<'_>) -> bool {
    let itself = matches!(function.place, Place::Itself | Place::Declaration);
    let method = itself && function.sig.receiver().is_some();
    method || !connections(function.sig).is_empty()
}

/// The parameters that are a leased connection.
pub(crate) fn connections(sig: &Signature) -> Vec<&Ident> {
    sig.inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(input) if is_connection(&input.ty) => match &*input.pat {
                Pat::Ident(pat) => Some(&pat.ident),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// Whether it is written as a leased connection's type.
pub(crate) fn is_connection(ty: &Type) -> bool {
    let Type::Reference(reference) = peeled(ty) else { return false };
    match peeled(&reference.elem) {
        Type::Path(path) if reference.mutability.is_some() => {
            let last = path.path.segments.last();
            last.is_some_and(|last| last.ident == "Conn" || last.ident == "Tx")
        }
        _ => false,
    }
}

/// Out of parentheses, and out of the group that a type has come in as a macro's argument.
pub(crate) fn peeled(ty: &Type) -> &Type {
    match ty {
        Type::Paren(paren) => peeled(&paren.elem),
        Type::Group(group) => peeled(&group.elem),
        ty => ty,
    }
}

/// The first `await` anywhere in the tokens.
pub(crate) fn awaits(tokens: TokenStream) -> Option<Ident> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "await" => Some(ident),
        TokenTree::Group(group) => awaits(group.stream()),
        _ => None,
    })
}
