//! `if` and `match`: guards that exist on one branch only.

use thin_vec::ThinVec;
use ustr::ustr;

use super::Walker;
use crate::analysis::flow::{Flow, Holder};
use crate::analysis::names::{is_error, says_none, takes_all};
use crate::analysis::value::{GuardId, Value, merge};
use crate::syntax::{Arm, Block, Expr, Kind, Names, Pat};
use crate::types::Type;

impl Walker<'_> {
    pub(super) fn condition(&mut self, cond: &Expr, binds: &mut Vec<(Pat, Value)>) {
        match &cond.kind {
            Kind::Let { pat, expr } => {
                let before = self.flow.clone();
                let value = self.expr(expr);
                self.temps_to_scrutinee(&before);
                binds.push((pat.clone(), value));
                let (pat, value) = binds[binds.len() - 1].clone();
                self.bind_in_branch(&pat, value);
            }
            Kind::Binary { left, right, lazy: true } => {
                self.condition(left, binds);
                self.condition(right, binds);
            }
            Kind::Method { receiver, name, args, .. }
                if args.is_empty()
                    && matches!(name.as_str(), "is_none" | "is_some" | "is_err" | "is_ok") =>
            {
                let value = self.place(receiver);
                let pat = match name.as_str() {
                    "is_none" | "is_err" => Pat::Path(Names::from_iter([ustr("None")])),
                    _ => Pat::TupleStruct {
                        path: Names::from_iter([ustr("Some")]),
                        elems: ThinVec::new(),
                    },
                };
                self.absent(&pat, &value);
                binds.push((pat, value));
            }
            _ => {
                let before = self.flow.clone();
                self.value(cond);
                self.end_temps(&before);
            }
        }
    }

    pub(super) fn temps_to_scrutinee(&mut self, before: &Flow) {
        for (guard, alive) in &mut self.flow.alive {
            if alive.holder == Holder::Temp && !before.alive.contains_key(guard) {
                alive.holder = Holder::Scrutinee;
            }
        }
    }

    pub(super) fn end_scrutinee(&mut self, before: &Flow) {
        let over: Vec<GuardId> = self
            .flow
            .alive
            .iter()
            .filter(|(guard, alive)| {
                alive.holder == Holder::Scrutinee && !before.alive.contains_key(guard)
            })
            .map(|(guard, _)| *guard)
            .collect();
        for guard in over {
            self.flow.end(guard);
        }
    }

    pub(super) fn if_expr(&mut self, cond: &Expr, then: &Block, otherwise: Option<&Expr>) -> Value {
        let first = self.bindings.len();
        let before = self.flow.clone();
        let mut binds = Vec::new();
        self.condition(cond, &mut binds);
        let mut other = self.flow.clone();
        for (guard, alive) in &before.alive {
            // What a pattern said is not there may be there in the other branch.
            let of = |value: &Value| value.carries(*guard) || value.reads.contains(guard);
            if binds.iter().any(|(pat, value)| says_none(pat) && of(value)) {
                other.alive.insert(*guard, alive.clone());
            }
        }
        // Guards that the pattern moved to its variables do not exist in the other branch.
        for alive in other.alive.values_mut() {
            if matches!(alive.holder, Holder::Binding(id) if id.0 >= first) {
                alive.holder = Holder::Scrutinee;
            }
        }
        let failed = binds.iter().any(|(pat, _)| is_error(pat));
        let value = self.after_error(failed, |walker| walker.block(then));
        self.leave_scope(first, value.failure, then.end());
        let after_then = std::mem::replace(&mut self.flow, other);
        for (pat, value) in &binds {
            self.absent_unless(pat, value);
        }
        if !self.old_scrutinees {
            self.end_scrutinee(&before);
        }
        let mut result = match otherwise {
            Some(otherwise) => {
                let first = self.bindings.len();
                let value = self.value(otherwise);
                self.leave_scope(first, value.failure, otherwise.span);
                value
            }
            None => Value::of(Type::Unit),
        };
        self.mark_failing(result.failure);
        let after_else = std::mem::replace(&mut self.flow, after_then);
        self.mark_failing(value.failure);
        let failure = match (self.flow.reachable, after_else.reachable) {
            (true, true) => value.failure && result.failure,
            (true, false) => value.failure,
            (false, _) => result.failure,
        };
        self.flow.join(after_else);
        self.end_scrutinee(&before);
        merge(&mut result, value);
        result.failure = failure;
        result
    }

    /// Reads a branch: one that `Err(..)` leads to ends in an error if it returns.
    fn after_error<T>(&mut self, failed: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        self.errors += usize::from(failed);
        let value = read(self);
        self.errors -= usize::from(failed);
        value
    }

    pub(super) fn mark_failing(&mut self, failure: bool) {
        if failure {
            self.flow.alive.values_mut().for_each(|alive| alive.failing = true);
        }
    }

    pub(super) fn match_expr(&mut self, scrutinee: &Expr, arms: &[Arm]) -> Value {
        let before = self.flow.clone();
        let value = self.expr(scrutinee);
        self.temps_to_scrutinee(&before);
        let mut entry = self.flow.clone();
        let mut exit = Flow::dead();
        let mut result: Option<Value> = None;
        for arm in arms {
            self.flow = entry.clone();
            let first = self.bindings.len();
            self.bind_in_branch(&arm.pat, value.clone());
            if let Some(guard) = &arm.guard {
                let before = self.flow.clone();
                self.value(guard);
                self.end_temps(&before);
            }
            let given = self.after_error(is_error(&arm.pat), |walker| walker.value(&arm.body));
            self.leave_scope(first, given.failure, arm.body.span);
            self.mark_failing(given.failure || is_error(&arm.pat));
            let reachable = self.flow.reachable;
            exit.join(std::mem::replace(&mut self.flow, Flow::dead()));
            match &mut result {
                Some(result) if reachable => {
                    let failure = result.failure && given.failure;
                    merge(result, given);
                    result.failure = failure;
                }
                None if reachable => result = Some(given),
                _ => {}
            }
            if arm.guard.is_none() && takes_all(&arm.pat) {
                self.flow = entry;
                self.absent_unless(&arm.pat, &value);
                entry = self.flow.clone();
            }
        }
        self.flow = exit;
        self.end_scrutinee(&before);
        result.unwrap_or_else(Value::unknown)
    }
}
