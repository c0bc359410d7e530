//! Blocks, statements and the ends of scopes.

use super::Walker;
use crate::analysis::facts::Rule;
use crate::analysis::flow::{Flow, Holder};
use crate::analysis::names::first_name;
use crate::analysis::value::{BindId, Future, Value};
use crate::analysis::wrappers::unwrapped;
use crate::findings::Code;
use crate::syntax::{Block, Expr, Kind, Pat, Span, Stmt, Ty};
use crate::types::Type;

impl Walker<'_> {
    pub(super) fn block(&mut self, block: &Block) -> Value {
        let first = self.bindings.len();
        let mut result = Value::of(Type::Unit);
        for (position, stmt) in block.stmts.iter().enumerate() {
            let last = position + 1 == block.stmts.len();
            match stmt {
                Stmt::Let { pat, ty, init, diverge, .. } => {
                    self.local(pat, ty.as_deref(), init.as_ref(), diverge.as_deref());
                }
                Stmt::Expr { expr, semi } => {
                    let before = self.flow.clone();
                    let value = self.value(expr);
                    if last && !semi {
                        result = value;
                    } else {
                        // A statement's value is dropped.
                        self.end_temps(&before);
                        if last {
                            result.failure = value.failure;
                        }
                    }
                }
            }
        }
        let end = match block.stmts.last() {
            Some(Stmt::Expr { expr, semi: false }) => expr.span,
            _ => block.end(),
        };
        self.leave_scope(first, result.failure, end);
        result
    }

    pub(super) fn local(
        &mut self,
        pat: &Pat,
        declared: Option<&Ty>,
        init: Option<&Expr>,
        diverge: Option<&Expr>,
    ) {
        let before = self.flow.clone();
        let outer = std::mem::replace(&mut self.declares, first_name(pat));
        let mut value = match init {
            Some(init) => match pat {
                Pat::Wild => self.place(init),
                _ => self.value(init),
            },
            None => Value::unknown(),
        };
        self.declares = outer;
        if let Some(declared) = declared {
            let declared = self.types.read(declared, &self.scope);
            if !matches!(declared, Type::Unknown) {
                let holds = self.types.hold(&declared).is_some();
                let open = matches!(unwrapped(&declared), Type::Bounded(_) | Type::Callable { .. });
                if !holds && !open && value.future == Future::No && value.works.is_empty() {
                    value.guards.clear();
                }
                value.ty = declared;
            }
        }
        if let Some(diverge) = diverge {
            let entry = self.flow.clone();
            self.absent_unless(pat, &value);
            self.value(diverge);
            self.flow = entry;
        }
        self.bind(pat, value, false);
        self.extend_borrowed_temps(init, &before);
        self.end_temps(&before);
    }

    /// `let x = &temporary;` keeps the temporary for the block.
    pub(super) fn extend_borrowed_temps(&mut self, init: Option<&Expr>, before: &Flow) {
        let Some(Expr { kind: Kind::Ref { expr }, .. }) = init else { return };
        let mut expr = expr;
        while let Kind::Deref(inner) = &expr.kind {
            expr = inner;
        }
        if !matches!(expr.kind, Kind::Await { .. } | Kind::Try(_) | Kind::Method { .. }) {
            return;
        }
        let holder = Holder::Binding(BindId(self.bindings.len().saturating_sub(1)));
        for (guard, alive) in &mut self.flow.alive {
            if alive.holder == Holder::Temp && !before.alive.contains_key(guard) {
                alive.holder = holder;
            }
        }
    }

    /// Ends what the variables from `first` on hold, at the end of their scope.
    pub(super) fn leave_scope(&mut self, first: usize, failing: bool, end: Span) {
        for (guard, alive) in self.held_from(first) {
            self.unfinished(guard, &alive, failing, end);
            self.flow.end(guard);
        }
        for binding in &mut self.bindings[first..] {
            binding.visible = false;
        }
    }

    pub(super) fn leave_function(&mut self, value: &Value, end: Span) {
        for (guard, span) in std::mem::take(&mut self.unfolded) {
            let reported = self.facts.candidates.iter().any(|candidate| {
                candidate.guard == guard && candidate.rule == Rule::Fixed(Code::Sa010)
            });
            if !reported {
                self.report(Code::Sa010, guard, span, span);
            }
        }
        self.leave_all(value, end);
    }

    /// Reports transactions that the end of the function leaves open, but for those that it returns.
    pub(super) fn leave_all(&mut self, value: &Value, end: Span) {
        for (guard, alive) in self.held_from(0) {
            if !value.carries(guard) {
                self.unfinished(guard, &alive, value.failure, end);
            }
        }
    }
}
