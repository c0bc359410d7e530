//! What a lease looks like in source. `check` and `expand` both read it here.

use crate::item::{Function, Place};
use crate::{hidden, sql};
use proc_macro2::{TokenStream, TokenTree};
use syn::{Expr, ExprClosure, ExprMethodCall, FnArg, Ident, Pat, Signature, Type};

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
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Deref(_)) => root(&unary.expr),
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
    match ty {
        Type::Reference(reference) if reference.mutability.is_some() => match &*reference.elem {
            Type::Path(path) => {
                let last = path.path.segments.last();
                last.is_some_and(|last| last.ident == "Conn" || last.ident == "Tx")
            }
            Type::Paren(paren) => is_connection(&paren.elem),
            Type::Group(group) => is_connection(&group.elem),
            _ => false,
        },
        Type::Paren(paren) => is_connection(&paren.elem),
        Type::Group(group) => is_connection(&group.elem),
        _ => false,
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
