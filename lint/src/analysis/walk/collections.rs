//! Lists and maps: what is put into one, and what is taken out.

use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use crate::analysis::flow::Holder;
use crate::analysis::names::root_of;
use crate::analysis::value::{BindId, GuardId, Origin, Value};
use crate::analysis::wrappers::{collection, wrapped};
use crate::index::FnId;
use crate::syntax::{Expr, Kind, Span};
use crate::types::Type;

impl Walker<'_> {
    /// `futures.push(tx.execute(..))`: the collection has what it was given. Connections that a function opens for a
    /// collection are a pool that is made by hand.
    pub(super) fn collect(&mut self, into: &Expr, parts: &[Value]) {
        let Some(at) = root_of(into).and_then(|name| self.lookup(name)) else { return };
        if matches!(into.kind, Kind::Path(_)) {
            self.infer_items(at, parts);
        }
        for part in parts {
            for guard in part.owned().collect::<Vec<_>>() {
                match self.flow.alive.get(&guard).map(|alive| alive.holder) {
                    _ if self.facts.guards[guard.0].opened => self.end_with_parents(guard),
                    Some(Holder::Temp) => self.flow.hold(guard, Holder::Binding(BindId(at))),
                    _ => {}
                }
            }
            self.bindings[at].value.carry(part);
        }
    }

    /// `workers.add(worker)`: a collection of the workspace has what one of its methods was given.
    pub(super) fn collect_by_method(&mut self, ty: &Type, into: &Expr, ids: &[FnId], since: usize) {
        let Kind::Path(_) = &into.kind else { return };
        let Some(at) = root_of(into).and_then(|name| self.lookup(name)) else { return };
        if self.types.hold(ty).is_none() {
            return;
        }
        let types = self.types;
        let moved = self.facts.edges[since..].iter().filter(|edge| {
            let ty = edge.param.and_then(|position| types.params(edge.callee).get(position));
            let hold = ty.and_then(|ty| types.hold(ty));
            ids.contains(&edge.callee) && hold.is_some_and(|hold| hold.owned)
        });
        let kept: Vec<(GuardId, bool)> = moved.map(|edge| (edge.guard, false)).collect();
        self.bindings[at].value.carry(&Value { guards: kept, ..Value::unknown() });
    }

    /// Gives a collection that was made without types those of its first guard.
    fn infer_items(&mut self, at: usize, parts: &[Value]) {
        let holds = parts.iter().any(|part| self.types.hold(&part.ty).is_some());
        if let Type::External { args, .. } = &mut self.bindings[at].value.ty
            && holds
            && args.is_empty()
        {
            *args = parts.iter().map(|part| part.ty.clone()).collect();
        }
    }

    /// Reads what a collection gives of its items: borrowed, or taken out of it.
    pub(super) fn item(
        &mut self,
        receiver: &Value,
        place: bool,
        name: Ustr,
        args: &[Expr],
        span: Span,
    ) -> Option<Value> {
        let (kind, item) = collection(&receiver.ty)?;
        let item = item.clone();
        let mut value = receiver.clone();
        value.ty = match (name.as_str(), kind.as_str()) {
            (
                "get" | "get_mut" | "first" | "first_mut" | "last" | "last_mut" | "front"
                | "front_mut" | "back" | "back_mut",
                _,
            ) if args.len() <= 1 => {
                value = value.borrowed();
                wrapped("Option", &Type::Ref(Arc::new(item)))
            }
            ("values" | "values_mut", _) if args.is_empty() => {
                value = value.borrowed();
                wrapped("Vec", &Type::Ref(Arc::new(item)))
            }
            ("drain", _) => value.ty,
            ("into_values", _) => wrapped("Vec", &item),
            ("remove" | "swap_remove", "Vec") => item,
            ("remove", "DashMap") => {
                wrapped("Option", &Type::Tuple(Arc::from([Type::Unknown, item])))
            }
            ("remove" | "pop" | "pop_front" | "pop_back" | "swap_remove" | "shift_remove", _) => {
                wrapped("Option", &item)
            }
            _ => return None,
        };
        self.take_args(args, &[], None, &mut Value::unknown());
        if place {
            self.take_out(&value);
        }
        self.find_guard(&mut value, span);
        Some(value)
    }

    /// Gives a value the guard that it must have by its type, of something that outlives the function.
    pub(super) fn find_guard(&mut self, value: &mut Value, span: Span) {
        let hold = self.types.hold(&value.ty).filter(|hold| hold.certain);
        if let Some(hold) = hold.filter(|_| value.guards.is_empty()) {
            let guard = self.guard(hold, Origin::Closure, span);
            self.flow.hold(guard, Holder::Temp);
            value.guards.push((guard, true));
        }
    }
}
