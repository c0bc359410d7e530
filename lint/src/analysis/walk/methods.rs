//! Method calls on types that are known.

use ustr::{Ustr, ustr};

use super::Walker;
use crate::analysis::names::root_of;
use crate::analysis::value::{BindId, GuardId, Value, task};
use crate::analysis::wrappers::derefs;
use crate::index::FnId;
use crate::libraries::Role;
use crate::syntax::{Expr, Kind, Receiver, Span, Ty};
use crate::types::{Bound, Type};

impl Walker<'_> {
    pub(super) fn method(
        &mut self,
        expr: &Expr,
        receiver: &Expr,
        name: Ustr,
        name_span: Span,
        turbofish: &[Ty],
        args: &[Expr],
    ) -> Value {
        let value = self.not_awaited(|walker| walker.expr(receiver));
        self.call_method_of(expr, value, receiver, name, name_span, turbofish, args)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a method call")]
    pub(super) fn call_method_of(
        &mut self,
        expr: &Expr,
        receiver: Value,
        receiver_expr: &Expr,
        name: Ustr,
        name_span: Span,
        turbofish: &[Ty],
        args: &[Expr],
    ) -> Value {
        // A job that is spawned on `&mut *tx` is a row of a queue, no task.
        let borrows = args.iter().any(|arg| matches!(arg.kind, Kind::Ref { .. }));
        if matches!(name.as_str(), "spawn" | "spawn_on" | "spawn_local" | "spawn_blocking")
            && !args.is_empty()
            && !borrows
        {
            let outer = self.may_block;
            self.may_block |= name == "spawn_blocking";
            for arg in args {
                self.spawned(arg);
            }
            self.may_block = outer;
            return task(expr.span);
        }
        let result_like = matches!(
            name.as_str(),
            "map_err"
                | "context"
                | "with_context"
                | "unwrap"
                | "expect"
                | "ok"
                | "ok_or"
                | "ok_or_else"
                | "inspect_err"
                | "wrap_err"
                | "change_context"
                | "unwrap_or_else"
        );
        let mut ty = receiver.ty.clone();
        for _ in 0..6 {
            if result_like && !matches!(ty, Type::Local(..) | Type::Ref(_)) {
                break;
            }
            match self.dispatch(expr, &receiver, receiver_expr, &ty, name, args) {
                Dispatch::Done(value) => return value,
                Dispatch::Into(inner) => ty = inner,
                Dispatch::None => break,
            }
        }
        self.unknown_method(expr, receiver, receiver_expr, name, name_span, turbofish, args)
    }

    /// Finds a method by the receiver's type.
    fn dispatch(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        receiver_expr: &Expr,
        ty: &Type,
        name: Ustr,
        args: &[Expr],
    ) -> Dispatch {
        match ty {
            Type::Ref(inner) => Dispatch::Into((**inner).clone()),
            Type::Local(id, generic) => {
                let found = self.types.index.methods(*id, name);
                let found = self.types.methods_for(found, generic);
                if !found.is_empty() {
                    let fills = self.filled(ty, receiver, receiver_expr, &found);
                    let receiver = self.as_receiver(receiver, &found);
                    let since = self.facts.edges.len();
                    let value = self.call_local(&found, Some(receiver), args, expr.span);
                    self.collect_by_method(ty, receiver_expr, &found, since);
                    return Dispatch::Done(Value { fills, ..value });
                }
                match self.types.deref_target(*id, 6) {
                    Some(target) => Dispatch::Into(target),
                    None => Dispatch::None,
                }
            }
            Type::Bounded(bounds) => {
                let found = self.methods_of_bounds(bounds, name);
                if !found.is_empty() {
                    let receiver = self.as_receiver(receiver, &found);
                    let value = self.call_local(&found, Some(receiver), args, expr.span);
                    return Dispatch::Done(value);
                }
                let library = bounds.iter().find_map(|bound| match bound {
                    Bound::Lib(found) => Some(*found),
                    _ => None,
                });
                match library {
                    Some(found) => {
                        Dispatch::Done(self.guard_method(expr, receiver, found, name, args))
                    }
                    None => Dispatch::None,
                }
            }
            Type::External { name: outer, args: inner } if derefs(outer) => match inner.first() {
                Some(inner) => Dispatch::Into(inner.clone()),
                None => Dispatch::None,
            },
            Type::Lib(found) if found.role == Role::Pool => {
                Dispatch::Done(self.pool_method(expr, receiver, *found, name, args))
            }
            Type::Lib(found) => {
                Dispatch::Done(self.guard_method(expr, receiver, *found, name, args))
            }
            Type::PoolStream => Dispatch::Done(self.stream_method(expr, receiver, name, args)),
            _ => Dispatch::None,
        }
    }

    /// Returns the variable that a method such as `unit.begin()` or `unit.conn()` gives a connection to keep.
    fn filled(&self, ty: &Type, receiver: &Value, place: &Expr, ids: &[FnId]) -> Option<BindId> {
        let certain = |guard: &GuardId| self.facts.guards[guard.0].certain;
        let maybe_empty = !receiver.guards.iter().any(|(guard, _)| certain(guard));
        let fills = |id: &FnId| {
            let item = &self.types.index.function(*id).item;
            let named = ["begin", "start", "open"].iter().any(|word| item.name.starts_with(word));
            let lent = item.receiver.as_ref().is_some_and(|receiver| receiver.by_ref);
            let body = item.body.as_ref().filter(|_| named && lent);
            body.is_some_and(|body| self.fills_field(ty, body, ustr("self")))
                || maybe_empty && self.types.lends(*id)
        };
        if !self.types.is_optional(ty) || !ids.iter().any(fills) {
            return None;
        }
        root_of(place).and_then(|name| self.lookup(name)).map(BindId)
    }

    /// Returns the receiver as a method takes it: moved, if the method takes `self`.
    pub(super) fn as_receiver(&mut self, receiver: &Value, ids: &[FnId]) -> Value {
        let by_value = ids.iter().any(|id| {
            let declared = &self.types.index.function(*id).item.receiver;
            matches!(declared, Some(Receiver { by_ref: false, .. }))
        });
        if by_value && !matches!(receiver.ty, Type::Ref(_)) {
            self.take_out(receiver);
            return receiver.clone();
        }
        receiver.clone().borrowed()
    }
}

enum Dispatch {
    Done(Value),
    /// Look again, at this type.
    Into(Type),
    None,
}
