//! Guards: how they begin, end and change hands.

use super::Walker;
use super::adapters::reads_rows;
use crate::analysis::facts::{Candidate, Rule};
use crate::analysis::flow::{Alive, Flow, Holder};
use crate::analysis::value::{Guard, GuardId, Origin, Value};
use crate::findings::{Code, GuardKind};
use crate::syntax::Span;
use crate::types::Hold;

impl Walker<'_> {
    pub(super) fn guard(&mut self, hold: Hold, origin: Origin, span: Span) -> GuardId {
        let id = GuardId(self.facts.guards.len());
        self.facts.guards.push(Guard {
            what: hold.what,
            origin,
            span,
            name: None,
            parents: Vec::new(),
            certain: hold.certain,
            opened: false,
            wrapped: false,
            guessed: false,
            optional: false,
            library: hold.library,
            ended: false,
        });
        id
    }

    pub(super) fn report(&mut self, code: Code, guard: GuardId, span: Span, subject: Span) {
        if self.seen.insert((code, span, guard)) {
            let rule = Rule::Fixed(code);
            self.facts.candidates.push(Candidate {
                rule,
                guard,
                span,
                subject,
                works: Vec::new(),
                between_rows: false,
                given: Vec::new(),
            });
        }
    }

    /// Reports `begin()` on a pool of sqlx that may be cancelled.
    pub(super) fn report_begin(&mut self, token: Span, subject: Span) {
        let hold = Hold { what: GuardKind::Transaction, owned: true, certain: true, library: None };
        let guard = self.guard(hold, Origin::Acquired, subject);
        self.report(Code::Sa008, guard, token, subject);
    }

    pub(super) fn on_yield(&mut self, span: Span) {
        let alive = self.flow.alive.keys().copied();
        let open: Vec<GuardId> = alive.filter(|guard| !self.only_rows.contains(guard)).collect();
        let certain = open.iter().rev().find(|guard| self.facts.guards[guard.0].certain);
        if let Some(guard) = certain.or(open.last()).copied() {
            self.report(Code::Sa010, guard, span, span);
        }
    }

    pub(super) fn on_blocking(&mut self, span: Span, subject: Span) {
        if self.may_block {
            return;
        }
        let open: Vec<GuardId> = self.flow.alive.keys().copied().collect();
        let certain = open.iter().rev().find(|guard| self.facts.guards[guard.0].certain);
        if let Some(guard) = certain.or(open.last()).copied() {
            self.report(Code::Sa004, guard, span, subject);
        }
    }

    /// Returns true if one guard borrows from the other, over any number of steps.
    pub(super) fn descends(&self, guard: GuardId, from: GuardId) -> bool {
        guard == from
            || self.facts.guards[guard.0].parents.iter().any(|parent| self.descends(*parent, from))
    }

    pub(super) fn given(&self, value: &Value, guard: GuardId) -> bool {
        value
            .guards
            .iter()
            .any(|(carried, _)| self.descends(*carried, guard) || self.descends(guard, *carried))
    }

    /// Marks guards that a value owns as taken out of their variables.
    pub(super) fn take_out(&mut self, value: &Value) {
        for guard in value.owned() {
            if let Some(alive) = self.flow.alive.get_mut(&guard)
                && alive.holder != Holder::Scrutinee
            {
                alive.holder = Holder::Temp;
            }
        }
    }

    pub(super) fn end_owned(&mut self, value: &Value) {
        let owned: Vec<GuardId> = value.owned().collect();
        for guard in owned {
            self.end_with_parents(guard);
        }
    }

    pub(super) fn end_with_parents(&mut self, guard: GuardId) {
        self.facts.guards[guard.0].ended = true;
        self.flow.end(guard);
    }

    pub(super) fn end_temps(&mut self, before: &Flow) {
        let over: Vec<GuardId> = self
            .flow
            .alive
            .iter()
            .filter(|(guard, alive)| {
                alive.holder == Holder::Temp
                    && before.alive.get(guard).is_none_or(|old| old.holder != Holder::Temp)
            })
            .map(|(guard, _)| *guard)
            .collect();
        for guard in over {
            self.flow.end(guard);
        }
    }

    /// Returns the guards that the variables from `first` on hold.
    pub(super) fn held_from(&self, first: usize) -> Vec<(GuardId, Alive)> {
        let held = |alive: &Alive| matches!(alive.holder, Holder::Binding(id) if id.0 >= first);
        let alive = self.flow.alive.iter().filter(|(_, alive)| held(alive));
        alive.map(|(guard, alive)| (*guard, alive.clone())).collect()
    }

    /// Reports a transaction that a path leaves open at its end.
    pub(super) fn unfinished(&mut self, guard: GuardId, alive: &Alive, failing: bool, end: Span) {
        let known = &self.facts.guards[guard.0];
        let begun = known.origin == Origin::Acquired
            && known.what == GuardKind::Transaction
            && !known.wrapped;
        // A transaction that only read loses nothing when it is dropped.
        let reads = !alive.dirty && alive.given_to.is_empty();
        let harmless = failing || alive.failing || reads || self.function.test;
        if !begun || harmless || !self.flow.reachable {
            return;
        }
        let span = known.span;
        if alive.dirty {
            return self.report(Code::Sa005, guard, span, end);
        }
        self.facts.candidates.push(Candidate {
            rule: Rule::Unfinished(alive.given_to.clone()),
            guard,
            span,
            subject: end,
            works: Vec::new(),
            between_rows: false,
            given: Vec::new(),
        });
    }

    /// Returns true if rows are read from a guard before and after: a loop goes over them, or a closure is run for each.
    pub(super) fn is_between_rows(&self, guard: GuardId) -> bool {
        let own = self.facts.guards[guard.0].origin != Origin::Closure;
        let of_each = own && self.forced.contains(&guard);
        let looped = self.frames.iter().filter(|frame| frame.is_loop).map(|frame| frame.bindings);
        let outside = looped.max().unwrap_or(0).min(self.bindings.len());
        let mut before = self.bindings[..outside].iter().filter(|binding| binding.visible);
        of_each || before.any(|rows| reads_rows(&rows.value) && rows.value.carries(guard))
    }

    /// Reads something with guards that are alive in all blocks inside of it.
    pub(super) fn force<T>(&mut self, held: &[GuardId], read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.forced.len();
        self.forced.extend(held);
        let value = read(self);
        self.forced.truncate(before);
        value
    }
}
