//! Calls of functions of the workspace: what they return, and which guards they take.

use super::Walker;
use crate::analysis::facts::Edge;
use crate::analysis::flow::Holder;
use crate::analysis::pending::is_pending;
use crate::analysis::value::{Future, Origin, Value, Work, WorkKind, direct};
use crate::analysis::wrappers::{is_stream, ok_type, unwrapped};
use crate::findings::Waits;
use crate::index::FnId;
use crate::libraries;
use crate::syntax::{Expr, Span};
use crate::types::{Hold, Type};

impl Walker<'_> {
    /// Reads a call of a function of the workspace.
    pub(super) fn call_local(
        &mut self,
        ids: &[FnId],
        receiver: Option<Value>,
        args: &[Expr],
        span: Span,
    ) -> Value {
        let index = self.types.index;
        let on = receiver.as_ref().map(|receiver| &receiver.ty);
        let mut returned = ids.iter().map(|id| (*id, self.types.returned_for(*id, on)));
        let Some(first) = returned.next() else { return Value::unknown() };
        let holds = |(_, ty): &(FnId, Type)| self.types.hold(ty).is_some();
        let (primary, returned) = match holds(&first) {
            true => first,
            false => returned.find(holds).unwrap_or(first),
        };
        let info = index.function(primary);
        let params = self.types.params(primary);
        // `Type::method(receiver, ..)` gives the receiver as an argument.
        let by_path = receiver.is_none() && info.item.receiver.is_some();
        let hints = match by_path {
            true => std::iter::once(Type::Unknown).chain(params.iter().cloned()).collect(),
            false => params.to_vec(),
        };
        let mut value = Value::of(returned);
        // A wrapper's own `transaction(|conn| ..)` gives the closure what it holds.
        let own = matches!(info.item.name.as_str(), "transaction" | "with_transaction");
        let held = receiver.as_ref().filter(|receiver| own && !receiver.guards.is_empty());
        let guarded = held.map(|_| Hold::TRANSACTION);
        let parts = self.take_args(args, &hints, guarded, &mut value);
        if let Some(receiver) = &receiver {
            value.carry(receiver);
            self.edges(ids, None, receiver, span);
        }
        for (position, part) in parts.iter().enumerate() {
            let param = if by_path { position.checked_sub(1) } else { Some(position) };
            self.edges(ids, param, part, span);
        }
        let is_method = receiver.is_some();
        let of_guard = receiver.as_ref().is_some_and(|receiver| !receiver.guards.is_empty());
        let pending = ids.iter().any(|id| is_pending(&index.function(*id).item));
        let takes = parts.iter().zip(&hints).any(|(part, param)| {
            let uncertain = match self.types.hold(param) {
                Some(hold) => !hold.certain,
                None => matches!(unwrapped(param), Type::Bounded(_)),
            };
            uncertain && self.types.pool(&part.ty).is_some()
        });
        if let Some(made) = self.made_by_closure(&value.ty, args, &parts) {
            value.ty = made;
        }
        value.head = Some(info.item.name);
        value.works = parts
            .iter()
            .filter(|part| part.future == Future::Plain)
            .flat_map(|part| part.works.clone())
            .collect();
        // `call().with_context("..")` waits for the call.
        let passed = receiver.filter(|receiver| !pending && !receiver.works.is_empty());
        match passed {
            Some(receiver) => value.works.extend(receiver.works),
            None => value.works.push(Work { kind: WorkKind::Calls(ids.to_vec()), span }),
        }
        if takes {
            value.works.push(direct(Waits::Connection, span));
        }
        if pending {
            let reads = of_guard || libraries::gives_reader(&info.item.name);
            value.streams = reads && is_stream(&value.ty);
            let gives = self.types.hold(&value.ty).is_some_and(|hold| hold.owned && hold.certain);
            if gives && value.guards.is_empty() {
                value.works.push(direct(Waits::Connection, span));
            }
            value.future = Future::Takes;
            let ended = info.item.name.as_str();
            // `units.commit(&mut unit)`; but `jobs.finish(&mut tx, id)` is a statement.
            let ends_own = of_guard && (libraries::ends(ended) || ended == "finish");
            if ends_own || is_method && matches!(ended, "commit" | "rollback") {
                value.future = Future::Ends;
            }
            return value;
        }
        // `Store::new(tx)` keeps the `&mut Tx` that it is given.
        let made = ok_type(&value.ty);
        let keeps = parts.iter().zip(&hints).any(|(part, param)| {
            !part.guards.is_empty() && self.types.keeps_reference(&made, param)
        });
        if keeps && self.types.hold(&value.ty).is_none() {
            return value.borrowed();
        }
        self.settle(value)
    }

    /// Settles who has the guards after a call that is no future.
    pub(super) fn settle(&mut self, mut value: Value) -> Value {
        let generic = match &value.ty {
            Type::Local(id, args) => {
                let open = args.is_empty()
                    || args.iter().any(|arg| matches!(arg, Type::Unknown | Type::Bounded(_)));
                open && !self.types.index.type_info(*id).item.generics.is_empty()
            }
            Type::External { args, .. } => {
                args.iter().any(|arg| matches!(arg, Type::Unknown | Type::Bounded(_)))
            }
            _ => false,
        };
        // `rows(&mut conn)` that gives a stream reads from the connection later.
        let streams = is_stream(&value.ty);
        let open = matches!(unwrapped(&value.ty), Type::Unknown | Type::Bounded(_));
        let known = !open && !generic && !streams;
        match self.types.hold(&value.ty) {
            Some(hold)
                if hold.owned
                    && value.guards.is_empty()
                    && hold.certain
                    && !self.types.is_optional(&value.ty) =>
            {
                // A constructor that was given no guard makes none of its own.
                let from_pool = !matches!(unwrapped(&value.ty), Type::Local(..));
                if from_pool {
                    let span = value.works.first().map_or(Span::default(), |work| work.span);
                    let guard = self.guard(hold, Origin::Acquired, span);
                    self.flow.hold(guard, Holder::Temp);
                    value.guards.push((guard, true));
                }
            }
            Some(_) => {}
            None if known => {
                self.end_owned(&value);
                value.guards.clear();
            }
            None => {}
        }
        value
    }

    pub(super) fn edges(&mut self, ids: &[FnId], param: Option<usize>, part: &Value, span: Span) {
        for (guard, _) in &part.guards {
            for callee in ids {
                let edge = Edge { callee: *callee, param, guard: *guard, span };
                self.facts.edges.push(edge);
            }
        }
    }
}
