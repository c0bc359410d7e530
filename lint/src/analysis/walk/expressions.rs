//! Expressions: their types, and the guards that they carry.

use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use super::loops::Ending;
use crate::analysis::flow::Holder;
use crate::analysis::names::root_of;
use crate::analysis::value::{BindId, GuardId, Value};
use crate::analysis::words::{selects_sql, writes_sql};
use crate::analysis::wrappers::{is_map, ok_type, unwrapped};
use crate::index::{Def, FnOwner};
use crate::syntax::{Expr, Kind, Ty, TyPath};
use crate::types::{Scope, Type};

impl Walker<'_> {
    /// Reads an expression whose value is used up: a variable named there is moved out of.
    pub(super) fn value(&mut self, expr: &Expr) -> Value {
        let value = self.expr(expr);
        let is_place = matches!(expr.kind, Kind::Path(_) | Kind::Field { .. });
        if is_place {
            if matches!(value.ty, Type::Ref(_)) {
                return value.borrowed();
            }
            self.take_out(&value);
        }
        value
    }

    /// Reads an expression that is only looked at.
    pub(super) fn place(&mut self, expr: &Expr) -> Value {
        let value = self.expr(expr);
        match expr.kind {
            Kind::Path(_) | Kind::Field { .. } | Kind::Index { .. } | Kind::Deref(_) => {
                value.borrowed()
            }
            _ => value,
        }
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            Kind::Path(path) => self.path(path),
            Kind::Field { base, name } => self.field(base, *name),
            Kind::Index { base, index } => {
                self.value(index);
                let value = self.place(base);
                let ty = match unwrapped(&value.ty) {
                    Type::External { args, .. } => args.first().cloned().unwrap_or(Type::Unknown),
                    _ => Type::Unknown,
                };
                self.narrowed(&value, ty, false)
            }
            Kind::Call { func, args } => self.call(expr, func, args),
            Kind::Method { receiver, name, name_span, turbofish, args } => {
                self.method(expr, receiver, *name, *name_span, turbofish, args)
            }
            Kind::Await { base, token } => self.await_expr(base, *token),
            Kind::Try(inner) => {
                let mut value = self.value(inner);
                value.ty = ok_type(&value.ty);
                value
            }
            Kind::Ref { expr: inner } => {
                let value = self.place(inner);
                let ty = match &value.ty {
                    Type::Unknown => Type::Unknown,
                    ty => Type::Ref(Arc::new(ty.clone())),
                };
                Value { ty, ..value.borrowed() }
            }
            Kind::Deref(inner) => {
                let value = self.place(inner);
                let ty = match &value.ty {
                    Type::Ref(inner) => (**inner).clone(),
                    ty => ty.clone(),
                };
                Value { ty, ..value }
            }
            Kind::Binary { left, right, lazy } => {
                let mut carried = self.value(left);
                let skipped = lazy.then(|| self.flow.clone());
                let right = self.value(right);
                carried.carry(&right);
                if let Some(skipped) = skipped {
                    self.flow.join(skipped);
                }
                Value::of(Type::Unit)
            }
            Kind::Assign { left, right } => self.assign(left, right),
            Kind::Block { block, label } => self.labelled_block(block, *label),
            Kind::Async { block, moves } => self.async_block(block, *moves, expr.span),
            Kind::Closure { params, body, moves, .. } => self.closure_value(params, body, *moves),
            Kind::If { cond, then, otherwise } => self.if_expr(cond, then, otherwise.as_deref()),
            Kind::Let { pat, expr: inner } => {
                let value = self.expr(inner);
                self.bind_in_branch(pat, value);
                Value::of(Type::Unit)
            }
            Kind::Match { scrutinee, arms } => self.match_expr(scrutinee, arms),
            Kind::While { cond, body, label } => {
                self.loop_expr(*label, |walker| {
                    let mut binds = Vec::new();
                    walker.condition(cond, &mut binds);
                    walker.block(body);
                    Ending::Over(binds)
                });
                Value::of(Type::Unit)
            }
            Kind::Loop { body, label } => self.loop_expr(*label, |walker| {
                walker.block(body);
                Ending::Never
            }),
            Kind::For { pat, iter, body, label } => {
                let before = self.flow.clone();
                let iterated = self.value(iter);
                self.temps_to_scrutinee(&before);
                let item = self.item_of(&iterated);
                self.loop_expr(*label, |walker| {
                    walker.bind(pat, item.clone(), false);
                    walker.block(body);
                    Ending::Over(Vec::new())
                });
                self.end_scrutinee(&before);
                Value::of(Type::Unit)
            }
            Kind::Return(value) => self.return_expr(value.as_deref(), expr.span),
            Kind::Break { label, value } => {
                let value = value.as_ref().map(|value| self.value(value));
                self.jump(*label, false, value, expr.span);
                Value::unknown()
            }
            Kind::Continue { label } => {
                self.jump(*label, true, None, expr.span);
                Value::unknown()
            }
            Kind::Struct { path, fields, rest } => self.struct_expr(path, fields, rest.as_deref()),
            Kind::Tuple(elems) => {
                let parts: Vec<Value> = elems.iter().map(|elem| self.value(elem)).collect();
                let types = parts.iter().map(|part| part.ty.clone()).collect();
                let mut value = Value::of(Type::Tuple(types));
                for part in &parts {
                    value.carry(part);
                    value.wait_for(part);
                }
                value.parts = parts;
                value
            }
            Kind::Array(elems) => {
                let mut value = Value::unknown();
                for elem in elems {
                    let part = self.value(elem);
                    value.carry(&part);
                    value.wait_for(&part);
                }
                value
            }
            Kind::Cast { expr: inner, ty } => {
                let value = self.value(inner);
                let ty = self.types.read(ty, &self.scope);
                Value { ty, ..value }
            }
            Kind::Lit(text) => {
                let mut value = Value::of(Type::Unit);
                value.writes = text.is_some_and(|text| writes_sql(&text));
                value.selects = text.is_some_and(|text| selects_sql(&text));
                value
            }
            Kind::Macro(call) => self.macro_call(call),
            Kind::Yield(value) => {
                if let Some(value) = value {
                    self.value(value);
                }
                self.on_yield(expr.span);
                Value::unknown()
            }
            Kind::Other(list) => {
                for inner in list {
                    self.value(inner);
                }
                Value::unknown()
            }
        }
    }

    pub(super) fn item_of(&self, iterated: &Value) -> Value {
        let ty = match unwrapped(&iterated.ty) {
            Type::External { name, args } if is_map(name) => Type::Tuple(args.clone()),
            Type::External { args, .. } => args.first().cloned().unwrap_or(Type::Unknown),
            _ => Type::Unknown,
        };
        let mut item = self.narrowed(iterated, ty, true).borrowed();
        item.works = iterated.works.clone();
        item
    }

    pub(super) fn path(&mut self, path: &TyPath) -> Value {
        if let [name] = path.names.as_slice()
            && let Some(at) = self.lookup(*name)
        {
            let mut value = self.bindings[at].value.clone();
            value.guards.retain(|(guard, _)| self.flow.alive.contains_key(guard));
            for (guard, owned) in &mut value.guards {
                let held = self.flow.alive.get(guard);
                *owned &= held.is_some_and(|alive| alive.holder == Holder::Binding(BindId(at)));
            }
            return value;
        }
        let mut value = match self.types.index.resolve(self.scope.module, &path.names) {
            Some(Def::Static(id)) => {
                let info = &self.types.index.statics[id.0 as usize];
                let scope = Scope {
                    module: info.module,
                    generics: Vec::new(),
                    owner: FnOwner::Free,
                    this: None,
                };
                Value::of(self.types.read(&info.item.ty, &scope))
            }
            Some(Def::Type(id)) if self.types.index.is_unit(id) => {
                Value::of(Type::Local(id, Arc::from([])))
            }
            _ => Value::unknown(),
        };
        value.head = path.names.last().copied();
        value.failure = path.names.last().is_some_and(|name| name == "Err");
        value
    }

    pub(super) fn field(&mut self, base: &Expr, name: Ustr) -> Value {
        let base = self.expr(base);
        if let (Type::Tuple(_), Ok(at)) = (&base.ty, name.parse::<usize>())
            && let Some(part) = base.parts.get(at)
        {
            return part.clone();
        }
        let ty = self.types.field(&base.ty, name);
        let mut part = base.clone();
        part.parts.clear();
        part.works.clear();
        let known = !matches!(ty, Type::Unknown);
        if known && self.types.hold(&ty).is_none() && !matches!(ty, Type::Bounded(_)) {
            part.guards.clear();
        }
        part.ty = ty;
        part
    }

    pub(super) fn assign(&mut self, left: &Expr, right: &Expr) -> Value {
        let value = self.value(right);
        let target = root_of(left);
        let at = target.and_then(|name| self.lookup(name));
        let to_field = !matches!(left.kind, Kind::Path(_));
        if let Some(at) = at {
            let old: Vec<GuardId> = self.bindings[at].value.owned().collect();
            let holder = Holder::Binding(BindId(at));
            if !to_field {
                for guard in old {
                    if self.flow.alive.get(&guard).is_some_and(|alive| alive.holder == holder) {
                        self.flow.end(guard);
                    }
                }
            }
            let outlives = to_field
                && (matches!(self.bindings[at].value.ty, Type::Ref(_))
                    || self.bindings[at].name == "self");
            let holder = if outlives { Holder::Caller } else { holder };
            let new: Vec<GuardId> = value.owned().collect();
            for guard in new {
                self.flow.hold(guard, holder);
                self.facts.guards[guard.0].ended |= to_field;
            }
            if !to_field && !matches!(value.ty, Type::Unknown) {
                self.bindings[at].value.ty = value.ty.clone();
            }
            self.bindings[at].value.works = value.works.clone();
            self.bindings[at].value.carry(&value);
        } else {
            self.place(left);
            self.end_owned(&value);
        }
        Value::of(Type::Unit)
    }

    pub(super) fn struct_expr(
        &mut self,
        path: &TyPath,
        fields: &[(Ustr, Expr)],
        rest: Option<&Expr>,
    ) -> Value {
        let ty = self.types.read(&Ty::Path(path.clone()), &self.scope);
        let mut value = Value::of(ty);
        for (_, field) in fields {
            let part = self.value(field);
            value.carry(&part);
            value.wait_for(&part);
        }
        if let Some(rest) = rest {
            let rest = self.value(rest);
            value.carry(&rest);
        }
        value
    }
}
