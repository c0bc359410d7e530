//! Goes through a function's body in the order it runs, with the guards that are alive.

mod adapters;
mod awaiting;
mod blocks;
mod branches;
mod calls;
mod closures;
mod collections;
mod expressions;
mod guards;
mod known_calls;
mod library_methods;
mod local_calls;
mod loops;
mod macros;
mod methods;
mod params;
mod patterns;
mod task_locals;
mod unknown_methods;
mod untyped;

use std::collections::HashSet;

use ustr::Ustr;

use super::facts::Facts;
use super::flow::{Flow, Frame};
use super::value::{GuardId, Value, Work};
use crate::findings::Code;
use crate::index::FnId;
use crate::syntax::{Function, Span};
use crate::types::{Scope, Types};

#[derive(Debug)]
struct Binding {
    name: Ustr,
    value: Value,
    visible: bool,
}

struct Walker<'a> {
    types: &'a Types<'a>,
    scope: Scope<'a>,
    id: FnId,
    function: &'a Function,
    old_scrutinees: bool,
    facts: Facts,
    bindings: Vec<Binding>,
    flow: Flow,
    frames: Vec<Frame>,
    /// True inside of closures that run on a thread of their own.
    may_block: bool,
    /// True inside of tasks, whose awaits the function does not wait for.
    detached: bool,
    /// True inside of closures and async blocks, where `return` does not leave the function.
    nested: usize,
    /// Works of the closures and async blocks that are being read.
    inner_works: Vec<Vec<Work>>,
    /// Guards that are alive in every block of the closures that are being read.
    forced: Vec<GuardId>,
    /// Guards whose rows a generator reads, though it keeps none of them.
    only_rows: Vec<GuardId>,
    /// Guards in `unfold`ed streams, to be reported if nothing closer to the response is.
    unfolded: Vec<(GuardId, Span)>,
    seen: HashSet<(Code, Span, GuardId)>,
    /// Awaits with what is awaited there, which may be several futures, and the guard that waits.
    seen_awaits: HashSet<(Span, Span, GuardId)>,
    awaiting: bool,
    /// The variable of the `let` that is being read.
    declares: Option<Ustr>,
    /// The number of branches around that a pattern `Err(..)` leads to.
    errors: usize,
}

/// Reads one function.
pub(crate) fn walk<'a>(types: &'a Types<'a>, id: FnId, old_scrutinees: bool) -> Facts {
    let info = types.index.function(id);
    let Some(body) = &info.item.body else { return Facts::default() };
    let mut walker = Walker {
        types,
        scope: types.scope(id),
        id,
        function: &info.item,
        old_scrutinees,
        facts: Facts::default(),
        bindings: Vec::new(),
        flow: Flow::new(),
        frames: Vec::new(),
        may_block: false,
        detached: false,
        nested: 0,
        inner_works: Vec::new(),
        forced: Vec::new(),
        only_rows: Vec::new(),
        unfolded: Vec::new(),
        seen: HashSet::new(),
        seen_awaits: HashSet::new(),
        awaiting: false,
        declares: None,
        errors: 0,
    };
    walker.receive(body);
    let value = walker.block(body);
    walker.leave_function(&value, body.end());
    walker.facts
}
