//! Awaits: which guards they hold up, and what they give.

use super::Walker;
use super::adapters::reads_rows;
use crate::analysis::awaits;
use crate::analysis::facts::{Candidate, Rule};
use crate::analysis::flow::Holder;
use crate::analysis::names::root_of;
use crate::analysis::value::{
    BindId, Future, Guard, GuardId, Origin, Value, Work, WorkKind, direct,
};
use crate::analysis::words::{hands_on_by_name, writes_by_name};
use crate::analysis::wrappers::ok_type;
use crate::findings::Waits;
use crate::index::FnId;
use crate::libraries;
use crate::syntax::{Expr, Kind, Span};
use crate::types::{Hold, Type};

impl Walker<'_> {
    pub(super) fn await_expr(&mut self, base: &Expr, token: Span) -> Value {
        let outer = std::mem::replace(&mut self.awaiting, true);
        let mut value = self.value(base);
        self.awaiting = outer;
        let vague =
            value.works.iter().all(|work| matches!(work.kind, WorkKind::Direct(Waits::Unknown)));
        if vague && matches!(base.kind, Kind::Path(_) | Kind::Field { .. } | Kind::Ref { .. }) {
            let name = root_of(base).unwrap_or_default();
            let kind = awaits::variable(&value.ty, &name);
            value.works = vec![Work { kind: WorkKind::Direct(kind), span: base.span }];
        }
        self.finish_await(value, token, base.span)
    }

    /// Sees an await: reports guards that it is not given, and ends those that it takes.
    pub(super) fn on_await(&mut self, value: &Value, span: Span, subject: Span) {
        if !self.flow.reachable {
            return;
        }
        let mut carried = value.guards.iter().map(|(guard, _)| *guard);
        let alive = |guard: &GuardId| self.flow.alive.contains_key(guard);
        let certain = |guard: &GuardId| self.facts.guards[guard.0].certain;
        let any_certain = carried.clone().any(|guard| alive(&guard) && certain(&guard));
        let any_given = any_certain
            || carried.any(|guard| alive(&guard) && self.facts.guards[guard.0].library.is_some());
        let works = match value.works.is_empty() {
            true => vec![Work { kind: WorkKind::Direct(Waits::Unknown), span: subject }],
            false => value.works.clone(),
        };
        if any_given {
            let called = called(&works);
            let dirty = value.writes || called.is_empty() && writes_by_name(value.head);
            if called.is_empty() {
                self.facts.statements.write |= dirty;
                self.facts.statements.select |= !dirty && value.selects;
                self.facts.statements.vague |= !dirty && !value.selects;
            }
            for (guard, _) in &value.guards {
                if let Some(alive) = self.flow.alive.get_mut(guard) {
                    alive.dirty |= dirty;
                    alive.given_to.extend(&called);
                }
            }
        }
        if !any_certain {
            let open: Vec<(GuardId, Holder)> =
                self.flow.alive.iter().map(|(guard, alive)| (*guard, alive.holder)).collect();
            // If a caller may have given it a connection, only one that surely is another one counts.
            let missed: Vec<(GuardId, Holder)> = open
                .into_iter()
                .filter(|(guard, _)| !self.given(value, *guard))
                .filter(|(guard, _)| !any_given || self.facts.guards[guard.0].certain)
                .collect();
            let missed = if self.function.name == "main" { Vec::new() } else { missed };
            let given: Vec<GuardId> = value
                .guards
                .iter()
                .map(|(guard, _)| *guard)
                .filter(|guard| !self.facts.guards[guard.0].certain)
                .collect();
            for (guard, holder) in self.to_report(&missed) {
                let in_scrutinee = holder == Holder::Scrutinee;
                if self.seen_awaits.insert((span, subject, guard)) {
                    let between_rows = self.is_between_rows(guard);
                    self.facts.candidates.push(Candidate {
                        rule: Rule::Await { in_scrutinee },
                        guard,
                        span,
                        subject,
                        works: works.clone(),
                        between_rows,
                        given: given.clone(),
                    });
                }
            }
        }
        if any_certain {
            return;
        }
        self.on_other_connection(value, span, subject);
        if let Some(inner) = self.inner_works.last_mut() {
            inner.extend(works.clone());
        }
        if !self.detached {
            self.facts.works.extend(works);
        }
    }

    /// Reports what runs on an executor that an open transaction was begun on: another connection, if it is a pool.
    fn on_other_connection(&mut self, value: &Value, span: Span, subject: Span) {
        let begun: Vec<GuardId> = self.flow.alive.keys().copied().collect();
        for guard in begun.into_iter().filter(|guard| self.facts.guards[guard.0].certain) {
            let executor = value.guards.iter().map(|(of, _)| *of).find(|of| {
                let known = &self.facts.guards[of.0];
                let param = matches!(known.origin, Origin::Param(_)) && !known.certain;
                param && *of != guard && self.descends(guard, *of)
            });
            let Some(executor) = executor else { continue };
            if self.seen_awaits.insert((span, subject, guard)) {
                self.facts.candidates.push(Candidate {
                    rule: Rule::Await { in_scrutinee: false },
                    guard,
                    span,
                    subject,
                    works: vec![direct(Waits::Connection, subject)],
                    between_rows: false,
                    given: vec![executor],
                });
            }
        }
    }

    /// Returns the guards that a finding may name: the youngest certain one, or all that callers may pass.
    pub(super) fn to_report(&self, open: &[(GuardId, Holder)]) -> Vec<(GuardId, Holder)> {
        let certain = open.iter().rev().find(|(guard, _)| self.facts.guards[guard.0].certain);
        match certain {
            Some(certain) => vec![*certain],
            None => open.to_vec(),
        }
    }

    /// Awaits a value: sees what it holds up, and returns its output.
    pub(super) fn finish_await(&mut self, mut value: Value, token: Span, subject: Span) -> Value {
        self.on_await(&value, token, subject);
        if let Some(filled) = value.fills.and_then(|at| self.fill(at, token))
            && self.types.hold(&value.ty).is_some()
        {
            value.guards.push((filled, false));
        }
        let mut output = Value::of(value.ty.clone());
        // What a function of the workspace gives is known by its type, whatever the function's name.
        let own = !called(&value.works).is_empty();
        let reads_on = if own { value.streams } else { reads_rows(&value) };
        output.head = value.head.filter(|_| !own);
        output.streams = reads_on;
        output.reads = std::mem::take(&mut value.reads);
        match value.future {
            Future::Ends => {
                for (guard, _) in &value.guards {
                    self.end_with_parents(*guard);
                }
                return output;
            }
            Future::Takes => {
                if let Some(hold) = self.types.hold(&value.ty).filter(|hold| hold.owned) {
                    // A generic argument that may hold something is not the guard that is made.
                    let carries = value
                        .owned()
                        .any(|guard| self.facts.guards[guard.0].certain || !hold.certain);
                    if !carries {
                        let guard = self.guard(hold, Origin::Acquired, token);
                        let known = |of: &Guard| of.certain || of.library.is_some();
                        let given = value.guards.iter().map(|(guard, _)| *guard);
                        let parents = given.filter(|of| known(&self.facts.guards[of.0])).collect();
                        self.facts.guards[guard.0].parents = parents;
                        self.facts.guards[guard.0].wrapped = is_local(&value.ty);
                        self.facts.guards[guard.0].opened = value.opens;
                        self.facts.guards[guard.0].guessed = value.guessed;
                        self.flow.hold(guard, Holder::Temp);
                        output.guards.push((guard, true));
                    } else {
                        output.guards = value.guards;
                    }
                    return output;
                }
            }
            Future::No | Future::Plain => {}
        }
        let hold = self.types.hold(&value.ty);
        // `lock.acquire(tx).await?` of an unknown type gives something that has the transaction in it.
        let hands_on = (value.handed || value.head.is_some_and(|head| hands_on_by_name(&head)))
            && matches!(ok_type(&value.ty), Type::Unknown)
            && !value.head.is_some_and(|head| libraries::runs_statement(&head));
        match hold {
            Some(_) => output.guards = value.guards.clone(),
            // What a connection gave may still read from it.
            None if hands_on => output.guards = value.guards.clone(),
            None if reads_on => output.guards = value.clone().borrowed().guards,
            None => {}
        }
        let kept: Vec<GuardId> = output.guards.iter().map(|(guard, _)| *guard).collect();
        let gone: Vec<GuardId> = value
            .owned()
            .filter(|guard| !kept.contains(guard))
            .filter(|guard| {
                let alive = self.flow.alive.get(guard);
                alive.is_some_and(|alive| alive.holder == Holder::Temp)
            })
            .collect();
        for guard in gone {
            // A temporary that was only borrowed lives until the statement ends.
            if self.facts.guards[guard.0].name.is_some() {
                self.end_with_parents(guard);
                output.guards.retain(|(kept, _)| *kept != guard);
            }
        }
        output
    }

    /// Lets a variable hold the transaction that one of its methods began.
    fn fill(&mut self, at: BindId, span: Span) -> Option<GuardId> {
        let binding = &self.bindings[at.0];
        let hold = self.types.hold(&binding.value.ty)?;
        let lent = binding.name == "self" || matches!(binding.value.ty, Type::Ref(_));
        let holder = if lent { Holder::Caller } else { Holder::Binding(at) };
        let name = binding.name;
        let parents = binding.value.guards.iter().map(|(guard, _)| *guard).collect();
        let guard = self.guard(Hold { certain: true, ..hold }, Origin::Acquired, span);
        self.facts.guards[guard.0].name = Some(name);
        self.facts.guards[guard.0].parents = parents;
        self.facts.guards[guard.0].wrapped = true;
        self.flow.hold(guard, holder);
        self.bindings[at.0].value.guards.push((guard, !lent));
        Some(guard)
    }

    pub(super) fn is_awaited(&self) -> bool {
        self.awaiting
    }

    pub(super) fn not_awaited<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.awaiting, false);
        let value = read(self);
        self.awaiting = outer;
        value
    }
}

/// Returns the functions of the workspace that some works call.
fn called(works: &[Work]) -> Vec<FnId> {
    let called = works.iter().flat_map(|work| match &work.kind {
        WorkKind::Calls(ids) => ids.as_slice(),
        WorkKind::Direct(_) => &[],
    });
    called.copied().collect()
}

/// Returns true for a type of the workspace, also in a result.
fn is_local(ty: &Type) -> bool {
    match ty {
        Type::Local(..) | Type::Bounded(_) => true,
        Type::Ref(inner) => is_local(inner),
        Type::External { args, .. } => args.first().is_some_and(is_local),
        Type::Tuple(types) => types.iter().any(is_local),
        _ => false,
    }
}
