//! Leases and verbs as they look in source.

use proc_macro2::{Delimiter, Ident, TokenTree};

use crate::tokens::{self, group, is_pair, is_punct, is_word, list};

/// How a connection is lent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseKind {
    Lease,
    Transaction,
    Savepoint,
}

impl LeaseKind {
    pub(crate) fn of(method: &Ident) -> Option<Self> {
        match method.to_string().as_str() {
            "lease" => Some(LeaseKind::Lease),
            "transaction" => Some(LeaseKind::Transaction),
            "savepoint" => Some(LeaseKind::Savepoint),
            _ => None,
        }
    }

    /// Returns the method of the runtime that takes a checked body.
    pub(crate) fn checked(self) -> &'static str {
        match self {
            LeaseKind::Lease => "lease_in_handler",
            LeaseKind::Transaction => "transaction_in_handler",
            LeaseKind::Savepoint => "savepoint_in_lease",
        }
    }
}

/// A call that lends a connection to the async closure that is its one argument.
pub(crate) struct LeaseCall {
    pub(crate) kind: LeaseKind,
    pub(crate) body: Body,
}

/// `async move |PATTERN| -> TYPE CODE`
pub(crate) struct Body {
    pub(crate) attrs: Vec<TokenTree>,
    pub(crate) capture: Option<TokenTree>,
    pub(crate) pattern: Vec<TokenTree>,
    pub(crate) output: Option<Vec<TokenTree>>,
    pub(crate) code: Vec<TokenTree>,
}

impl Body {
    pub(crate) fn read(argument: &[TokenTree]) -> Option<Self> {
        let mut at = 0;
        while is_punct(argument.get(at), '#') {
            at += 2;
        }
        let attrs = argument.get(..at)?.to_vec();
        if let [TokenTree::Group(only)] = argument.get(at..)?
            && matches!(only.delimiter(), Delimiter::Parenthesis | Delimiter::None)
        {
            return Body::read(&list(only.stream()));
        }
        if !is_word(argument.get(at), "async") {
            return None;
        }
        at += 1;
        let capture = argument.get(at).filter(|token| is_word(Some(token), "move")).cloned();
        at += usize::from(capture.is_some());
        if !is_punct(argument.get(at), '|') || is_pair(argument, at, ['|', '|']) {
            return None;
        }
        let close = (at + 1..argument.len()).find(|at| is_punct(argument.get(*at), '|'))?;
        let [pattern] = tokens::parameters(&argument[at + 1..close])[..] else { return None };
        let pattern = pattern.to_vec();
        at = close + 1;
        let mut output = None;
        if is_pair(argument, at, ['-', '>']) {
            let braces = argument.len().checked_sub(1)?;
            group(argument.get(braces), Delimiter::Brace)?;
            output = Some(argument.get(at + 2..braces)?.to_vec());
            at = braces;
        }
        let code = argument.get(at..)?.to_vec();
        (!code.is_empty()).then_some(Body { attrs, capture, pattern, output, code })
    }

    /// Returns the name that the body gives to its connection.
    pub(crate) fn binding(&self) -> Option<&Ident> {
        tokens::declared(&self.pattern)
    }
}

/// The verbs of sqlx that take a connection.
pub(crate) fn is_verb(method: &str) -> bool {
    matches!(method, "execute" | "fetch" | "fetch_all" | "fetch_one" | "fetch_optional")
}

/// Tells whether tokens end in a lease that nothing comes behind.
pub(crate) fn is_lease_only(tokens: &[TokenTree]) -> bool {
    let [.., dot, TokenTree::Ident(method), TokenTree::Group(arguments)] = tokens else {
        return false;
    };
    is_punct(Some(dot), '.')
        && arguments.delimiter() == Delimiter::Parenthesis
        && LeaseKind::of(method).is_some()
        && Body::read(tokens::without_comma(&list(arguments.stream()))).is_some()
}
