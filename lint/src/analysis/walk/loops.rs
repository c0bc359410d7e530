//! Loops, and what leaves them: `break`, `continue` and `return`.

use ustr::Ustr;

use super::Walker;
use crate::analysis::flow::{Flow, Frame, Holder};
use crate::analysis::value::{Value, merge};
use crate::analysis::words::names_an_error;
use crate::syntax::{Block, Expr, Pat, Span};
use crate::types::Type;

/// The end that a loop comes to without `break`.
pub(super) enum Ending {
    Never,
    /// It is over, if these patterns no longer match.
    Over(Vec<(Pat, Value)>),
}

impl Walker<'_> {
    /// Reads a loop. `once` reads one round, and says how the loop may end but for `break`.
    pub(super) fn loop_expr(
        &mut self,
        label: Option<Ustr>,
        mut once: impl FnMut(&mut Self) -> Ending,
    ) -> Value {
        let entry = self.flow.clone();
        // Twice, so that what the first round leaves behind meets the second.
        let mut exit = Flow::dead();
        let mut result = None;
        let mut start = entry;
        for _ in 0..2 {
            self.flow = start.clone();
            self.frames.push(Frame {
                label,
                is_loop: true,
                breaks: Flow::dead(),
                continues: Flow::dead(),
                bindings: self.bindings.len(),
                value: None,
            });
            let before = self.flow.clone();
            let first = self.bindings.len();
            let ending = once(self);
            self.leave_scope(first, true, Span::default());
            self.end_scrutinee(&before);
            let frame = self.frames.pop();
            if let Some(frame) = frame {
                self.flow.join(frame.continues);
                exit.join(frame.breaks);
                result = frame.value.or(result);
            }
            if let Ending::Over(unmatched) = ending {
                let mut over = start.clone();
                over.join(self.flow.clone());
                let next = std::mem::replace(&mut self.flow, over);
                unmatched.iter().for_each(|(pat, value)| self.absent_unless(pat, value));
                exit.join(std::mem::replace(&mut self.flow, next));
            }
            start.join(self.flow.clone());
        }
        self.flow = exit;
        result.unwrap_or_else(Value::unknown)
    }

    pub(super) fn jump(
        &mut self,
        label: Option<Ustr>,
        continues: bool,
        value: Option<Value>,
        span: Span,
    ) {
        let target = self.frames.iter().rposition(|frame| match label {
            Some(label) => frame.label == Some(label),
            None => frame.is_loop,
        });
        if let Some(target) = target {
            let bindings = self.frames[target].bindings;
            if continues {
                self.leave_open(bindings, span);
            }
            let mut flow = self.flow.clone();
            flow.alive.retain(|guard, alive| match alive.holder {
                _ if value.as_ref().is_some_and(|value| value.carries(*guard)) => true,
                Holder::Binding(id) => id.0 < bindings,
                Holder::Temp => false,
                Holder::Scrutinee | Holder::Caller => true,
            });
            let frame = &mut self.frames[target];
            match continues {
                true => frame.continues.join(flow),
                false => frame.breaks.join(flow),
            }
            match (&mut frame.value, value) {
                (Some(known), Some(value)) => merge(known, value),
                (known @ None, value) => *known = value,
                (Some(_), None) => {}
            }
        }
        self.flow = Flow::dead();
    }

    /// Reports transactions of a loop's body that a `continue` leaves open.
    pub(super) fn leave_open(&mut self, bindings: usize, span: Span) {
        let failed = self.errors > 0;
        for (guard, alive) in self.held_from(bindings) {
            if !alive.failing {
                self.unfinished(guard, &alive, failed, span);
            }
        }
    }

    pub(super) fn return_expr(&mut self, value: Option<&Expr>, span: Span) -> Value {
        let names_error = value.is_some_and(names_an_error);
        let value = value.map(|value| self.value(value));
        let mut value = value.unwrap_or_else(|| Value::of(Type::Unit));
        value.failure |= names_error || self.errors > 0;
        if self.nested == 0 {
            self.leave_all(&value, span);
        }
        self.flow = Flow::dead();
        Value::unknown()
    }

    pub(super) fn labelled_block(&mut self, block: &Block, label: Option<Ustr>) -> Value {
        let Some(label) = label else { return self.block(block) };
        self.frames.push(Frame {
            label: Some(label),
            is_loop: false,
            breaks: Flow::dead(),
            continues: Flow::dead(),
            bindings: self.bindings.len(),
            value: None,
        });
        let mut value = self.block(block);
        if let Some(frame) = self.frames.pop() {
            self.flow.join(frame.breaks);
            if let Some(broken) = frame.value {
                merge(&mut value, broken);
            }
        }
        value
    }
}
