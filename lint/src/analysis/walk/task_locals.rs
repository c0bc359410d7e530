//! Variables of a task: what a scope keeps, and what code in it reads.

use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use crate::analysis::value::{GuardId, Value};
use crate::analysis::wrappers::{output_of, unwrapped};
use crate::syntax::task_local::KEY;
use crate::syntax::{Expr, Kind, Span};
use crate::types::Type;

impl Walker<'_> {
    /// Reads the methods of a variable that `task_local!` declares.
    pub(super) fn task_local(
        &mut self,
        receiver: &Value,
        name: Ustr,
        args: &[Expr],
        span: Span,
    ) -> Option<Value> {
        let Type::External { name: key, args: of } = unwrapped(&receiver.ty) else { return None };
        let of = of.first().filter(|_| key == KEY)?;
        match (name.as_str(), args) {
            ("scope", [kept, future]) => Some(self.task_scope(kept, future)),
            ("with" | "try_with", [reader]) => {
                let reader = self.arg(reader, Some(&reads(of)), None);
                Some(self.of_task(output_of(&reader.ty), span))
            }
            ("get", []) => Some(self.of_task(of.clone(), span)),
            _ => None,
        }
    }

    /// `CONN.scope(conn, async { .. })`: the connection is alive in the block. Of a future that is made elsewhere, all
    /// that it waits for is waited for with the connection.
    fn task_scope(&mut self, kept: &Expr, future: &Expr) -> Value {
        let kept = self.not_awaited(|walker| walker.value(kept));
        let held: Vec<GuardId> = kept.guards.iter().map(|(guard, _)| *guard).collect();
        let mut value = self.force(&held, |walker| walker.value(future));
        if matches!(future.kind, Kind::Async { .. }) {
            value.carry(&kept);
        }
        value
    }

    /// Returns what a task's variable gives: the connection of the scope around, which may be in another function.
    fn of_task(&mut self, ty: Type, span: Span) -> Value {
        let mut value = Value::of(ty);
        if self.types.hold(&value.ty).is_none() {
            return value;
        }
        match self.forced.last() {
            Some(guard) => value.guards.push((*guard, false)),
            None => self.find_guard(&mut value, span),
        }
        value
    }
}

/// Returns the type of a closure that is lent a value.
fn reads(of: &Type) -> Type {
    let lent = Type::Ref(Arc::new(of.clone()));
    Type::Callable { inputs: Arc::from([lent]), output: Arc::new(Type::Unknown) }
}
