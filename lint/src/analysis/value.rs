//! The value of an expression: its type, the guards it carries, and what waits in it.

use std::sync::Arc;

use thin_vec::ThinVec;
use ustr::Ustr;

use super::wrappers::external;
use crate::findings::{GuardKind, Waits};
use crate::index::FnId;
use crate::libraries::Library;
use crate::syntax::{Expr, Kind, Pat, Span, Ty};
use crate::types::Type;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct GuardId(pub usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct BindId(pub usize);

/// The origin of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Taken in this function.
    Acquired,
    /// A parameter, by its position.
    Param(usize),
    SelfParam,
    /// A parameter that a web framework fills by taking a connection.
    Extractor,
    /// A parameter of a closure that is run in a transaction.
    Closure,
}

/// A connection, transaction or stream that a function holds for some time.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub what: GuardKind,
    pub origin: Origin,
    pub span: Span,
    /// The variable's name.
    pub name: Option<Ustr>,
    /// The guards it borrows from.
    pub parents: Vec<GuardId>,
    /// False if it holds a connection only if a caller passes one.
    pub certain: bool,
    /// True if this function opened it, beside any pool.
    pub opened: bool,
    /// True if it is inside of a type of the workspace.
    pub wrapped: bool,
    /// True if it was recognised by its name alone.
    pub guessed: bool,
    pub library: Option<Library>,
    /// True for a parameter that may be empty.
    pub optional: bool,
    /// True once it is committed, rolled back or handed over on some path.
    pub ended: bool,
}

/// A piece of what is awaited.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub kind: WorkKind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum WorkKind {
    Direct(Waits),
    /// Functions of the workspace that may be called.
    Calls(Vec<FnId>),
}

#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub ty: Type,
    /// Guards that the value owns or borrows from.
    pub guards: Vec<(GuardId, bool)>,
    /// The works in it, if it is a future.
    pub works: Vec<Work>,
    /// The elements of a tuple.
    pub parts: Vec<Value>,
    pub future: Future,
    /// The method or function that made it.
    pub head: Option<Ustr>,
    /// True if it has SQL that changes data in it.
    pub writes: bool,
    /// True if it has SQL that selects data in it.
    pub selects: bool,
    /// True for `Err(..)` and what else ends a function without success.
    pub failure: bool,
    /// True if a variable with a guard was handed to a function that is not known.
    pub handed: bool,
    /// True for a connection that is opened, not taken from a pool.
    pub opens: bool,
    /// True for `begin()` on a pool of sqlx, not yet awaited.
    pub begins_pool: bool,
    /// True if what it gives was recognised by names alone.
    pub guessed: bool,
    /// True for a stream that a method of a connection gives, which reads from it later.
    pub streams: bool,
    /// The streams of a pool that it reads, which give their connection back at their end.
    pub reads: Vec<GuardId>,
    /// The variable that keeps the transaction which this begins.
    pub fills: Option<BindId>,
    /// The closures that it may be of whose parameters only a call tells more.
    pub closures: Vec<Arc<Untyped>>,
}

/// A closure without types.
#[derive(Debug)]
pub(crate) struct Untyped {
    pub params: ThinVec<(Pat, Option<Ty>)>,
    pub body: Expr,
    pub moves: bool,
}

/// The effect of awaiting a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Future {
    /// No future, as far as is known.
    No,
    Plain,
    /// Its output is a guard of its own.
    Takes,
    /// It ends the guards it carries.
    Ends,
}

impl Value {
    pub(crate) fn of(ty: Type) -> Value {
        Value {
            ty,
            guards: Vec::new(),
            works: Vec::new(),
            parts: Vec::new(),
            future: Future::No,
            head: None,
            writes: false,
            selects: false,
            failure: false,
            handed: false,
            opens: false,
            begins_pool: false,
            guessed: false,
            streams: false,
            reads: Vec::new(),
            fills: None,
            closures: Vec::new(),
        }
    }

    pub(crate) fn unknown() -> Value {
        Value::of(Type::Unknown)
    }

    pub(crate) fn carry(&mut self, other: &Value) {
        for (guard, owned) in &other.guards {
            match self.guards.iter_mut().find(|(found, _)| found == guard) {
                Some((_, own)) => *own |= owned,
                None => self.guards.push((*guard, *owned)),
            }
        }
        self.writes |= other.writes;
        self.selects |= other.selects;
        self.closures.extend(other.closures.iter().cloned());
    }

    pub(crate) fn wait_for(&mut self, other: &Value) {
        self.works.extend(other.works.iter().cloned());
    }

    /// Makes all guards borrowed.
    pub(crate) fn borrowed(mut self) -> Value {
        self.guards.iter_mut().for_each(|(_, owned)| *owned = false);
        self.parts.clear();
        self
    }

    pub(crate) fn owned(&self) -> impl Iterator<Item = GuardId> + '_ {
        self.guards.iter().filter(|(_, owned)| *owned).map(|(guard, _)| *guard)
    }

    pub(crate) fn carries(&self, guard: GuardId) -> bool {
        self.guards.iter().any(|(found, _)| *found == guard)
    }
}

pub(super) fn direct(kind: Waits, span: Span) -> Work {
    Work { kind: WorkKind::Direct(kind), span }
}

/// Returns the handle of a task.
pub(super) fn task(span: Span) -> Value {
    let works = vec![direct(Waits::Join, span)];
    Value { works, ..Value::of(external("JoinHandle")) }
}

/// Returns a work that waits for nothing.
pub(super) fn no_wait(span: Span) -> Work {
    Work { kind: WorkKind::Calls(Vec::new()), span }
}

/// Returns what waits in arguments that are futures, or closures that make some.
pub(super) fn works_of(parts: &[Value]) -> Vec<Work> {
    let futures = parts.iter().filter(|part| part.future != Future::No);
    let works = futures.flat_map(|part| part.works.clone());
    works.filter(|work| !matches!(&work.kind, WorkKind::Calls(ids) if ids.is_empty())).collect()
}

/// Adds the value of another branch to that of one.
pub(super) fn merge(result: &mut Value, other: Value) {
    if matches!(result.ty, Type::Unknown | Type::Unit) {
        result.ty = other.ty.clone();
    }
    result.carry(&other);
    result.wait_for(&other);
    if result.future == Future::No {
        result.future = other.future;
    }
    result.parts.clear();
}

/// Returns true if a variable with a guard is given as it is, not by `&` or `&mut`.
pub(super) fn hands_over(args: &[Expr], parts: &[Value]) -> bool {
    args.iter().zip(parts).any(|(arg, part)| {
        matches!(arg.kind, Kind::Path(_) | Kind::Field { .. }) && !part.guards.is_empty()
    })
}
