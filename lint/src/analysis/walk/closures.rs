//! Closures, async blocks and tasks: code that runs later, with what it captures.

use std::collections::HashSet;
use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use crate::analysis::flow::Holder;
use crate::analysis::names::{
    collect_name, first_bind, first_name, is_async_inside, names_in_block, waits_inside,
};
use crate::analysis::value::{BindId, Future, GuardId, Origin, Value, no_wait};
use crate::libraries::Library;
use crate::syntax::visit::each;
use crate::syntax::{Block, Expr, Kind, Pat, Span, Ty};
use crate::types::{Hold, Type};

impl Walker<'_> {
    pub(super) fn async_block(&mut self, block: &Block, moves: bool, span: Span) -> Value {
        let names = names_in_block(block);
        let mut value = self.isolated(&names, moves, |walker| walker.block(block));
        if !waits_inside(block) {
            value.works = vec![no_wait(span)];
        }
        // A block may give out the connection that it took.
        if self.types.hold(&value.ty).is_some_and(|hold| hold.owned && hold.certain) {
            value.future = Future::Takes;
        }
        value
    }

    /// Reads the block of a generator, which keeps what it names. The rows of tokio-postgres borrow no client:
    /// they are read there after the connection went back to its pool.
    pub(super) fn generator(&mut self, block: &Block) -> Value {
        let names = names_in_block(block);
        let kept: HashSet<GuardId> = self
            .bindings
            .iter()
            .filter(|binding| names.contains(&binding.name))
            .filter(|binding| self.types.hold(&binding.value.ty).is_some())
            .flat_map(|binding| binding.value.guards.iter().map(|(guard, _)| *guard))
            .collect();
        let captured = self.captured(&names, true).into_iter().map(|(guard, _)| guard);
        let driver = |guard: &GuardId| {
            let library = self.facts.guards[guard.0].library;
            matches!(library, Some(Library::TokioPostgres | Library::Deadpool | Library::Bb8))
        };
        let read: Vec<GuardId> =
            captured.filter(|guard| !kept.contains(guard) && driver(guard)).collect();
        let before = self.only_rows.len();
        self.only_rows.extend(read);
        let value = self.isolated(&names, true, |walker| walker.block(block));
        self.only_rows.truncate(before);
        value
    }

    /// Reads a closure. `hints` are the types of parameters that it does not declare; `guarded` makes its
    /// first parameter a guard.
    pub(super) fn closure(
        &mut self,
        params: &[(Pat, Option<Ty>)],
        body: &Expr,
        moves: bool,
        hints: &[Type],
        guarded: Option<Hold>,
    ) -> Value {
        let mut names = HashSet::new();
        each(body, &mut |inner| collect_name(inner, &mut names));
        // `|conn|` names its own `conn`, not the one outside.
        params.iter().filter_map(|(pat, _)| first_name(pat)).for_each(|name| {
            names.remove(&name);
        });
        let waits = is_async_inside(body);
        let mut made = Vec::new();
        let mut read = |walker: &mut Self| {
            let mut forced = Vec::new();
            for (position, (pat, declared)) in params.iter().enumerate() {
                let ty = match declared {
                    Some(ty) => walker.types.read(ty, &walker.scope),
                    None => hints.get(position).cloned().unwrap_or(Type::Unknown),
                };
                let mut value = Value::of(ty.clone());
                let by_type = walker.types.hold(&ty);
                let hold = match guarded {
                    Some(hold) if position == 0 && !matches!(pat, Pat::Wild) => {
                        Some(by_type.filter(|found| found.certain).unwrap_or(hold))
                    }
                    Some(hold) if position == 0 => Some(hold),
                    _ => by_type,
                };
                if let Some(hold) = hold {
                    let (name, span) = first_bind(pat).unzip();
                    let guard = walker.guard(hold, Origin::Closure, span.unwrap_or(body.span));
                    walker.facts.guards[guard.0].name = name;
                    walker.flow.hold(guard, Holder::Caller);
                    value.guards.push((guard, false));
                    forced.push(guard);
                }
                walker.bind(pat, value, false);
            }
            let value = walker.force(&forced, |walker| walker.value(body));
            for guard in &forced {
                walker.flow.end(*guard);
            }
            if value.future != Future::No {
                made.clone_from(&value.works);
            }
            value
        };
        match waits || guarded.is_some() {
            true => {
                let mut value = self.isolated(&names, moves, read);
                // `|id| async move { .. }` waits in the block that it makes.
                value.works.extend(made);
                callable(value)
            }
            // It runs where it stands, or never.
            false => {
                let first = self.bindings.len();
                let entry = self.flow.clone();
                self.nested += 1;
                let frames = std::mem::take(&mut self.frames);
                let mut value = read(self);
                self.frames = frames;
                self.nested -= 1;
                self.leave_scope(first, true, body.span);
                self.flow = entry;
                value.guards = self.captured(&names, moves);
                callable(value)
            }
        }
    }

    /// Reads a block that may run later: only guards that it names are alive in it.
    pub(super) fn isolated(
        &mut self,
        names: &HashSet<Ustr>,
        moves: bool,
        read: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let mut captured = self.captured(names, moves);
        let entry = self.flow.clone();
        let forced = self.forced.clone();
        self.flow.alive.retain(|guard, _| {
            captured.iter().any(|(found, _)| found == guard) || forced.contains(guard)
        });
        let first = self.bindings.len();
        let frames = std::mem::take(&mut self.frames);
        self.nested += 1;
        self.inner_works.push(Vec::new());
        let inner = read(self);
        let works = self.inner_works.pop().unwrap_or_default();
        self.nested -= 1;
        self.frames = frames;
        self.leave_scope(first, inner.failure, Span::default());
        let after = std::mem::replace(&mut self.flow, entry);
        for (guard, owned) in &mut captured {
            *owned |= after.reachable
                && !after.alive.contains_key(guard)
                && self.facts.guards[guard.0].ended;
        }
        let mut value = Value::of(inner.ty);
        value.guards = captured;
        value.works = works;
        value.future = Future::Plain;
        value.writes = true;
        self.take_out(&value);
        value
    }

    /// Returns the guards of the variables that a closure or an async block names.
    pub(super) fn captured(&self, names: &HashSet<Ustr>, moves: bool) -> Vec<(GuardId, bool)> {
        let mut value = Value::unknown();
        for (at, binding) in self.bindings.iter().enumerate() {
            if !names.contains(&binding.name) || self.lookup(binding.name) != Some(at) {
                continue;
            }
            for (guard, owned) in &binding.value.guards {
                let Some(alive) = self.flow.alive.get(guard) else { continue };
                let owned = moves && *owned && alive.holder == Holder::Binding(BindId(at));
                if !value.carries(*guard) {
                    value.guards.push((*guard, owned));
                }
            }
        }
        value.guards
    }

    /// Reads what is given to `spawn`: it runs beside the function, with what it captures, which must be its own.
    pub(super) fn spawned(&mut self, arg: &Expr) -> Value {
        let detached = std::mem::replace(&mut self.detached, true);
        let forced = std::mem::take(&mut self.forced);
        let value = match &arg.kind {
            Kind::Async { block, .. } => self.async_block(block, true, arg.span),
            Kind::Closure { params, body, .. } => self.closure(params, body, true, &[], None),
            _ => self.value(arg),
        };
        self.forced = forced;
        self.detached = detached;
        self.end_owned(&value);
        value
    }
}

/// Returns a closure's value, from that of its body.
fn callable(body: Value) -> Value {
    let output = Arc::new(body.ty.clone());
    Value { ty: Type::Callable { inputs: Arc::from([]), output }, ..body }
}
