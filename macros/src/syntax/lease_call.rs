//! Leases and verbs as they look in source.

use proc_macro2::Delimiter;

use super::scope;
use super::statements::{behind_arm, has_statements};
use super::{behind_parameters, named_calls, parameters, without_comma};
use crate::tokens::{Token, group, is_pair, is_punct, is_unfinished, is_word};

/// How a connection is lent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeaseKind {
    Lease,
    Transaction,
    /// A transaction with options, whose body may run again.
    TransactionWith,
    Snapshot,
    Savepoint,
}

impl LeaseKind {
    fn of(method: &str) -> Option<Self> {
        match method {
            "lease" => Some(LeaseKind::Lease),
            "transaction" => Some(LeaseKind::Transaction),
            "transaction_with" => Some(LeaseKind::TransactionWith),
            "snapshot" => Some(LeaseKind::Snapshot),
            "savepoint" => Some(LeaseKind::Savepoint),
            _ => None,
        }
    }

    /// Returns the method of the runtime that takes a checked body.
    pub(crate) fn checked(self) -> &'static str {
        match self {
            LeaseKind::Lease => "lease_in_handler",
            LeaseKind::Transaction => "transaction_in_handler",
            LeaseKind::TransactionWith => "transaction_with_in_handler",
            LeaseKind::Snapshot => "snapshot_in_handler",
            LeaseKind::Savepoint => "savepoint_in_lease",
        }
    }
}

/// A call that lends a connection to the async closure that is its last argument.
pub(crate) struct LeaseCall<'t> {
    pub(crate) kind: LeaseKind,
    /// The argument before it, if there is one.
    pub(crate) options: &'t [Token],
    pub(crate) body: Body<'t>,
}

/// `async move |PATTERN| -> TYPE CODE`
pub(crate) struct Body<'t> {
    pub(crate) attrs: &'t [Token],
    pub(crate) capture: Option<&'t Token>,
    pub(crate) pattern: &'t [Token],
    pub(crate) output: Option<&'t [Token]>,
    pub(crate) code: &'t [Token],
}

impl<'t> LeaseCall<'t> {
    pub(crate) fn read(method: &str, arguments: &'t [Token]) -> Option<Self> {
        let kind = LeaseKind::of(method)?;
        let arguments = without_comma(arguments);
        if kind != LeaseKind::TransactionWith {
            return Some(LeaseCall { kind, options: &[], body: Body::read(arguments)? });
        }
        let commas = (0..arguments.len()).filter(|at| is_punct(arguments.get(*at), ','));
        let read = |at: usize| Some((&arguments[..at], Body::read(&arguments[at + 1..])?));
        let (options, body) = commas.into_iter().find_map(read)?;
        Some(LeaseCall { kind, options, body })
    }
}

impl<'t> Body<'t> {
    pub(crate) fn read(argument: &'t [Token]) -> Option<Self> {
        let mut at = 0;
        while is_punct(argument.get(at), '#') {
            at += 2;
        }
        let attrs = argument.get(..at)?;
        if let [Token::Group(only)] = argument.get(at..)?
            && matches!(only.delimiter(), Delimiter::Parenthesis | Delimiter::None)
        {
            return Body::read(only.tokens());
        }
        let named = |at: usize, text| argument.get(at).filter(|token| is_word(Some(token), text));
        let is_async = named(at, "async").is_some();
        at += usize::from(is_async);
        let mut capture = named(at, "move");
        at += usize::from(capture.is_some());
        if !is_punct(argument.get(at), '|') || is_pair(argument, at, ['|', '|']) {
            return None;
        }
        let behind = behind_parameters(argument, at)?;
        let [pattern] = parameters(&argument[at + 1..behind - 1])[..] else { return None };
        at = behind;
        let mut output = None;
        let last = argument.len().checked_sub(1)?;
        if !is_async {
            // `|PATTERN| async move { .. }` means the same.
            named(at, "async")?;
            capture = capture.or(named(at + 1, "move"));
            at += 1 + usize::from(named(at + 1, "move").is_some());
            group(argument.get(at).filter(|_| at == last), Delimiter::Brace)?;
        } else if is_pair(argument, at, ['-', '>']) {
            group(argument.get(last), Delimiter::Brace)?;
            output = Some(argument.get(at + 2..last)?);
            at = last;
        }
        let code = argument.get(at..)?;
        if has_more_arguments(code) {
            return None;
        }
        Some(Body { attrs, capture, pattern, output, code })
    }

    /// Tells whether its code is a block with statements.
    pub(crate) fn has_statements(&self) -> bool {
        matches!(self.code, [Token::Group(block)] if has_statements(block.tokens()))
    }

    /// Tells whether someone is still typing the code in its block.
    pub(crate) fn is_unfinished(&self) -> bool {
        matches!(self.code, [Token::Group(block)] if is_unfinished(block.tokens()))
    }

    /// Returns the name that the body gives to its connection.
    pub(crate) fn binding(&self) -> Option<&'t Token> {
        scope::declared(self.pattern)
    }
}

/// Tells whether another argument follows the code of a closure. A comma in a type, as in `x as Map<A, B>`, does not count.
fn has_more_arguments(code: &[Token]) -> bool {
    let end = behind_arm(code, 0);
    let last = end.checked_sub(1).and_then(|last| code.get(last));
    let ends =
        is_punct(last, '?') || is_word(last, "await") || group(last, Delimiter::Brace).is_some();
    ends && is_punct(code.get(end), ',')
}

/// Tells whether a method of a session takes the body of a lease.
pub(crate) fn opens(method: &str) -> bool {
    LeaseKind::of(method).is_some_and(|kind| kind != LeaseKind::Savepoint)
}

/// The verbs of sqlx that take a connection.
pub(crate) fn is_verb(method: &str) -> bool {
    matches!(method, "execute" | "fetch" | "fetch_all" | "fetch_one" | "fetch_optional")
}

/// Tells whether a method of `Result` leaves its error as it is, whatever that is.
pub(crate) fn keeps_error(method: &str) -> bool {
    matches!(method, "inspect" | "inspect_err" | "map")
}

/// Tells whether tokens end in a lease that nothing comes behind.
pub(crate) fn is_lease_only(tokens: &[Token]) -> bool {
    let last = tokens.len().checked_sub(3).and_then(|at| named_calls(&tokens[at..]).next());
    last.is_some_and(|call| LeaseCall::read(call.name, call.arguments.tokens()).is_some())
}
