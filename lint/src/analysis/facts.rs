//! The facts that are known of a function after its body was read.

use super::value::{Guard, GuardId, Work, WorkKind};
use crate::findings::Code;
use crate::index::FnId;
use crate::syntax::Span;

/// A possible finding of one function.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub rule: Rule,
    pub guard: GuardId,
    /// The token that the finding points to.
    pub span: Span,
    /// The expression that is awaited or called there.
    pub subject: Span,
    pub works: Vec<Work>,
    /// True if rows are still read from the guard then.
    pub between_rows: bool,
    /// Guards that what is awaited there was given, if a caller passes any.
    pub given: Vec<GuardId>,
}

/// Why it may be a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An await that is not given the guard; `in_scrutinee` if a `match` keeps it alive.
    Await { in_scrutinee: bool },
    /// The await of one of several futures.
    Join,
    /// A transaction is left open, and written in if one of the functions that it was given to writes.
    Unfinished(Vec<FnId>),
    /// A code that needs nothing more to be known.
    Fixed(Code),
}

/// A call that passes guards on.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub callee: FnId,
    /// The parameter's position; none for `self`.
    pub param: Option<usize>,
    /// The guard of the caller.
    pub guard: GuardId,
    pub span: Span,
}

/// Statements, by what their SQL says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statements {
    /// True if one writes.
    pub write: bool,
    /// True if one selects, and does not write.
    pub select: bool,
    /// True if one is not known.
    pub vague: bool,
}

/// The facts that are known of a function after its body was read.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub guards: Vec<Guard>,
    pub candidates: Vec<Candidate>,
    pub edges: Vec<Edge>,
    /// The awaits of anything but its own guards.
    pub works: Vec<Work>,
    /// The statements that it runs itself on a connection.
    pub statements: Statements,
}

impl Facts {
    /// Returns the functions of the workspace that this one calls, as far as it waits for them or gives them a guard.
    pub(crate) fn called(&self) -> impl Iterator<Item = FnId> + '_ {
        let awaited = self.works.iter().flat_map(|work| match &work.kind {
            WorkKind::Calls(ids) => ids.as_slice(),
            WorkKind::Direct(_) => &[],
        });
        awaited.copied().chain(self.edges.iter().map(|edge| edge.callee))
    }
}
