//! Closures without types: they are read again with what a call gives them.

use std::sync::Arc;

use super::Walker;
use crate::analysis::names::is_async_inside;
use crate::analysis::value::{Untyped, Value};
use crate::syntax::{Expr, Pat, Ty};
use crate::types::{Hold, Type};

impl Walker<'_> {
    /// Reads a closure that is no argument.
    pub(super) fn closure_value(
        &mut self,
        params: &[(Pat, Option<Ty>)],
        body: &Expr,
        moves: bool,
    ) -> Value {
        let mut value = self.closure(params, body, moves, &[], None);
        if params.iter().any(|(_, ty)| ty.is_none()) && is_async_inside(body) {
            let (params, body) = (params.into(), body.clone());
            value.closures.push(Arc::new(Untyped { params, body, moves }));
        }
        value
    }

    /// Reads the closures that a value may be, with the connection that a call gives them.
    pub(super) fn call_untyped(&mut self, called: &Value, parts: &[Value]) {
        let known =
            |part: &Value| part.guards.iter().any(|(guard, _)| self.facts.guards[guard.0].certain);
        if !parts.iter().any(known) {
            return;
        }
        for closure in &called.closures {
            self.closure_given(&closure.params, &closure.body, closure.moves, parts);
        }
    }

    /// Reads a closure with the values that a call gives it.
    pub(super) fn closure_given(
        &mut self,
        params: &[(Pat, Option<Ty>)],
        body: &Expr,
        moves: bool,
        parts: &[Value],
    ) -> Value {
        let hints: Vec<Type> = parts.iter().map(|part| part.ty.clone()).collect();
        let first = parts.first().and_then(|part| part.guards.first());
        let known = first.map(|(guard, _)| &self.facts.guards[guard.0]);
        let held = known.filter(|guard| guard.certain).map(|guard| Hold {
            what: guard.what,
            owned: false,
            certain: true,
            library: guard.library,
        });
        self.closure(params, body, moves, &hints, held)
    }
}
