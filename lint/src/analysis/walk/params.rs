//! Parameters: which guards a function is given.

use ustr::{Ustr, ustr};

use super::Binding;
use super::Walker;
use crate::analysis::flow::Holder;
use crate::analysis::names::{assigned_fields, first_name};
use crate::analysis::pending::is_future;
use crate::analysis::value::{BindId, GuardId, Origin, Value};
use crate::analysis::words::is_route;
use crate::analysis::wrappers::unwrapped;
use crate::findings::Code;
use crate::syntax::{Block, Ty};
use crate::types::{Hold, Type};

impl Walker<'_> {
    pub(super) fn receive(&mut self, body: &Block) {
        if self.function.receiver.is_some() {
            self.receive_self(body);
        }
        for (position, param) in self.function.params.iter().enumerate() {
            let ty = self.types.read(&param.ty, &self.scope);
            let mut value = Value::of(ty.clone());
            let future = || is_future(&param.ty).then_some(Hold::UNCERTAIN);
            let hold = self.types.hold(&ty).or_else(|| generic_hold(&ty)).or_else(future);
            if let Some(hold) = hold {
                let origin = match hold.owned && self.is_extractor(&ty) {
                    true => Origin::Extractor,
                    false => Origin::Param(position),
                };
                let guard = self.guard(hold, origin, param.span);
                let name = first_name(&param.pat);
                self.facts.guards[guard.0].name = name;
                self.facts.guards[guard.0].optional = self.types.is_optional(&ty);
                let filled_here = self.types.is_optional(&ty)
                    && name.is_some_and(|name| self.fills_field(&ty, body, name));
                if !filled_here {
                    self.flow.hold(guard, Holder::Caller);
                }
                value.guards.push((guard, hold.owned));
            }
            let first = self.bindings.len();
            self.bind(&param.pat, value, false);
            // An owned parameter is held by its variable, so that a move ends it.
            for at in first..self.bindings.len() {
                let mut owned: Vec<GuardId> = self.bindings[at].value.owned().collect();
                owned.retain(|guard| self.flow.alive.contains_key(guard));
                for guard in owned {
                    self.flow.hold(guard, Holder::Binding(BindId(at)));
                }
            }
        }
        self.body_after_guard();
    }

    pub(super) fn receive_self(&mut self, body: &Block) {
        let ty = self.types.self_type(&self.scope);
        let mut value = Value::of(ty.clone());
        let by_value = self.function.receiver.as_ref().is_some_and(|receiver| !receiver.by_ref);
        if let Some(hold) = self.types.hold(&ty) {
            let fills = || self.fills_field(&ty, body, ustr("self")) || self.types.lends(self.id);
            let filled_here = self.types.is_optional(&ty) && fills();
            let hold = Hold { owned: by_value, ..hold };
            let guard = self.guard(hold, Origin::SelfParam, self.function.name_span);
            self.facts.guards[guard.0].name = Some(Ustr::from("self"));
            if !filled_here {
                self.flow.hold(guard, Holder::Caller);
            }
            value.guards.push((guard, by_value));
        }
        self.bindings.push(Binding { name: Ustr::from("self"), value, visible: true });
    }

    /// Returns true if a body sets a field of a variable that may hold a connection.
    pub(super) fn fills_field(&self, ty: &Type, body: &Block, variable: Ustr) -> bool {
        assigned_fields(body, variable).into_iter().any(|name| {
            let field = self.types.field(ty, name);
            matches!(field, Type::Unknown) || self.types.hold(&field).is_some()
        })
    }

    pub(super) fn is_extractor(&self, ty: &Type) -> bool {
        match ty {
            Type::Local(id, _) => ["FromRequest", "FromRequestParts"]
                .iter()
                .any(|name| self.types.index.implements(*id, name)),
            Type::Lib(_) => self.function.attrs.iter().any(|attr| is_route(attr)),
            _ => false,
        }
    }

    /// Reports an extractor's guard in front of a parameter that reads the request's body.
    pub(super) fn body_after_guard(&mut self) {
        // Rocket's and actix's routes have parts of the path as such parameters.
        let is_routed = self.function.attrs.iter().any(|attr| is_route(attr));
        let reads_body = |ty: &Ty| {
            let Ty::Path(path) = ty else { return false };
            matches!(
                path.last().as_str(),
                "Json"
                    | "Form"
                    | "Bytes"
                    | "Multipart"
                    | "Body"
                    | "Request"
                    | "JsonBody"
                    | "Payload"
            ) || path.last() == "String" && !is_routed
        };
        let params = &self.function.params;
        for guard in 0..self.facts.guards.len() {
            if self.facts.guards[guard].origin != Origin::Extractor {
                continue;
            }
            let span = self.facts.guards[guard].span;
            let body = params.iter().find(|param| param.span.lo > span.lo && reads_body(&param.ty));
            if let Some(body) = body {
                let subject = body.span;
                self.report(Code::Sa006, GuardId(guard), span, subject);
            }
        }
    }
}

/// A generic parameter may be given anything, a guard too.
fn generic_hold(ty: &Type) -> Option<Hold> {
    match unwrapped(ty) {
        Type::Bounded(_) => Some(Hold::UNCERTAIN),
        _ => None,
    }
}
