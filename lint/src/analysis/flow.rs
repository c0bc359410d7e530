//! Which guards are alive at a point of a function.

use std::collections::BTreeMap;

use ustr::Ustr;

use super::value::{BindId, GuardId, Value};
use crate::index::FnId;

/// Who keeps a guard alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holder {
    Binding(BindId),
    /// A temporary of the statement.
    Temp,
    /// A temporary of a `match`, `if let`, `while let` or `for`, while its body runs.
    Scrutinee,
    /// A caller, for the whole body.
    Caller,
}

#[derive(Clone, Debug)]
pub(crate) struct Alive {
    pub holder: Holder,
    /// True once it may have written.
    pub dirty: bool,
    /// The functions of the workspace that it was given to, which may have written.
    pub given_to: Vec<FnId>,
    /// True on a path that ends in an error.
    pub failing: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub alive: BTreeMap<GuardId, Alive>,
    pub reachable: bool,
}

impl Flow {
    pub(crate) fn new() -> Flow {
        Flow { alive: BTreeMap::new(), reachable: true }
    }

    pub(crate) fn dead() -> Flow {
        Flow { alive: BTreeMap::new(), reachable: false }
    }

    /// Takes in what another path leads to the same point with.
    pub(crate) fn join(&mut self, other: Flow) {
        if !other.reachable {
            return;
        }
        if !self.reachable {
            *self = other;
            return;
        }
        for (guard, there) in other.alive {
            self.alive
                .entry(guard)
                .and_modify(|here| {
                    here.dirty |= there.dirty;
                    for callee in &there.given_to {
                        if !here.given_to.contains(callee) {
                            here.given_to.push(*callee);
                        }
                    }
                    here.failing &= there.failing;
                })
                .or_insert(there);
        }
    }

    pub(crate) fn hold(&mut self, guard: GuardId, holder: Holder) {
        self.alive.entry(guard).and_modify(|alive| alive.holder = holder).or_insert(Alive {
            holder,
            dirty: false,
            given_to: Vec::new(),
            failing: false,
        });
    }

    pub(crate) fn end(&mut self, guard: GuardId) {
        self.alive.remove(&guard);
    }
}

/// A loop or labelled block that `break` and `continue` may leave.
#[derive(Debug)]
pub(crate) struct Frame {
    pub label: Option<Ustr>,
    pub is_loop: bool,
    pub breaks: Flow,
    pub continues: Flow,
    /// The number of bindings before it.
    pub bindings: usize,
    /// The value that `break` gives.
    pub value: Option<Value>,
}
