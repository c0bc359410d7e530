//! Patterns: which variable gets which guard.

use ustr::Ustr;

use super::Binding;
use super::Walker;
use crate::analysis::flow::Holder;
use crate::analysis::names::says_none;
use crate::analysis::value::{BindId, Guard, GuardId, Origin, Value};
use crate::analysis::wrappers::unwrapped;
use crate::syntax::Pat;
use crate::types::Type;

impl Walker<'_> {
    /// Binds a pattern's names. Guards go to the variables that can hold them.
    pub(super) fn bind(&mut self, pat: &Pat, value: Value, by_ref: bool) {
        match pat {
            Pat::Bind { name, by_ref: own_ref, sub, .. } => {
                self.bind_name(*name, value.clone(), by_ref || *own_ref);
                if let Some(sub) = sub {
                    self.bind(sub, value.borrowed(), true);
                }
            }
            Pat::Typed(inner, ty) => {
                let ty = self.types.read(ty, &self.scope);
                let ty = if matches!(ty, Type::Unknown) { value.ty.clone() } else { ty };
                self.bind(inner, Value { ty, ..value }, by_ref);
            }
            Pat::Ref(inner) => self.bind(inner, value, by_ref),
            Pat::Or(cases) => {
                for case in cases {
                    self.bind(case, value.clone(), by_ref);
                }
            }
            Pat::Tuple(elems) => {
                for (position, elem) in elems.iter().enumerate() {
                    let part = self.part(&value, position);
                    self.bind(elem, part, by_ref);
                }
            }
            Pat::TupleStruct { path, elems } => {
                let refs = by_ref || matches!(value.ty, Type::Ref(_));
                for (position, elem) in elems.iter().enumerate() {
                    let ty = self.inner_type(&value.ty, path, position);
                    let part = match value.parts.get(position) {
                        Some(part) => part.clone(),
                        None => self.narrowed(&value, ty, elems.len() > 1),
                    };
                    self.bind(elem, part, refs);
                }
            }
            Pat::Struct { path, fields } => {
                let refs = by_ref || matches!(value.ty, Type::Ref(_));
                for (name, field) in fields {
                    let ty = match self.types.field(&value.ty, *name) {
                        Type::Unknown => self.types.field_of_variant(&value.ty, path, *name),
                        ty => ty,
                    };
                    let part = self.narrowed(&value, ty, true);
                    self.bind(field, part, refs);
                }
            }
            Pat::Path(_) | Pat::Rest | Pat::Wild => {}
        }
    }

    pub(super) fn part(&self, value: &Value, position: usize) -> Value {
        if let Some(part) = value.parts.get(position) {
            return part.clone();
        }
        let ty = match unwrapped(&value.ty) {
            Type::Tuple(types) => types.get(position).cloned().unwrap_or(Type::Unknown),
            _ => Type::Unknown,
        };
        self.narrowed(value, ty, true)
    }

    /// Returns a part of a value: with its guards, if its type may hold one.
    pub(super) fn narrowed(&self, value: &Value, ty: Type, strict: bool) -> Value {
        let mut part = value.clone();
        part.parts.clear();
        part.reads.clear();
        let holds = self.types.hold(&ty).is_some();
        let known = !matches!(ty, Type::Unknown);
        if (known && !holds && !matches!(ty, Type::Bounded(_)))
            || (strict && !known && self.types.hold(&value.ty).is_some())
        {
            part.guards.clear();
        }
        part.ty = ty;
        part
    }

    /// Returns the type of a field of `Some(..)`, `Ok(..)`, `State(..)` or of a type of the workspace.
    pub(super) fn inner_type(&self, ty: &Type, path: &[Ustr], position: usize) -> Type {
        let name = path.last().copied().unwrap_or_default();
        match ty {
            Type::Ref(inner) => self.inner_type(inner, path, position),
            Type::External { name: outer, args } => match (outer.as_str(), name.as_str()) {
                (_, "Err") => args.get(1).cloned().unwrap_or(Type::Unit),
                _ => args.first().cloned().unwrap_or(Type::Unknown),
            },
            Type::Local(id, args) => self.types.variant_field(*id, args, name, position),
            Type::Lib(_) | Type::PoolStream if name == "Err" => Type::Unit,
            Type::Lib(_) | Type::PoolStream => ty.clone(),
            _ if name == "Err" => Type::Unit,
            _ => Type::Unknown,
        }
    }

    pub(super) fn bind_name(&mut self, name: Ustr, value: Value, by_ref: bool) {
        let id = BindId(self.bindings.len());
        let value = if by_ref { value.borrowed() } else { value };
        for guard in value.owned() {
            let held = self.flow.alive.get(&guard);
            if held.is_some_and(|alive| alive.holder != Holder::Caller) {
                self.flow.hold(guard, Holder::Binding(id));
                self.facts.guards[guard.0].name = Some(name);
            }
        }
        let value = self.certain_here(name, value, id);
        self.bindings.push(Binding { name, value, visible: true });
    }

    /// Returns what was taken out of an `Option` in `self`, or of a variant of an enum that another function gave: a
    /// connection that is there for certain, as long as the variable.
    fn certain_here(&mut self, name: Ustr, mut value: Value, id: BindId) -> Value {
        let known = |guard: GuardId| &self.facts.guards[guard.0];
        let mut given = value.guards.iter().map(|(guard, _)| *guard);
        if !matches!(unwrapped(&value.ty), Type::Lib(_))
            || given.clone().any(|of| known(of).certain)
        {
            return value;
        }
        let from =
            given.find(|of| matches!(known(*of).origin, Origin::SelfParam | Origin::Acquired));
        let hold = self.types.hold(&value.ty).filter(|hold| hold.certain);
        if let Some((from, hold)) = from.zip(hold) {
            let Guard { origin, span, wrapped, .. } = *known(from);
            let guard = self.guard(hold, origin, span);
            self.facts.guards[guard.0].name = Some(name);
            self.facts.guards[guard.0].parents = vec![from];
            self.facts.guards[guard.0].wrapped = wrapped;
            self.flow.hold(guard, Holder::Binding(id));
            value.guards.push((guard, hold.owned));
        }
        value
    }

    pub(super) fn lookup(&self, name: Ustr) -> Option<usize> {
        self.bindings.iter().rposition(|binding| binding.visible && binding.name == name)
    }

    /// Ends guards in a branch whose pattern says that there is none: `None` and `Err(..)`.
    pub(super) fn absent(&mut self, pat: &Pat, value: &Value) {
        if says_none(pat) || self.empty_variant(pat, &value.ty) {
            self.end_if_direct(value);
        }
        if says_none(pat) {
            self.end_read(value);
        }
    }

    /// Does the same as [`Walker::absent`] for the branch that is taken if a pattern does not match.
    pub(super) fn absent_unless(&mut self, pat: &Pat, value: &Value) {
        let some = match pat {
            Pat::TupleStruct { path, .. } => {
                path.last().is_some_and(|name| name == "Some" || name == "Ok")
            }
            _ => false,
        };
        if some {
            self.end_if_direct(value);
            self.end_read(value);
        }
    }

    /// Ends the streams that a value was the last item of: none, or an error.
    pub(super) fn end_read(&mut self, value: &Value) {
        for guard in &value.reads {
            self.flow.end(*guard);
        }
    }

    /// Returns true for a variant of a workspace's enum that has no room for a guard.
    pub(super) fn empty_variant(&self, pat: &Pat, ty: &Type) -> bool {
        let (Pat::TupleStruct { path, .. } | Pat::Struct { path, .. } | Pat::Path(path)) = pat
        else {
            return false;
        };
        let Type::Local(id, args) = unwrapped(ty) else { return false };
        let variant = path.last().copied().unwrap_or_default();
        if !self.types.has_variant(*id, variant) {
            return false;
        }
        !(0..8).any(|at| {
            let field = self.types.variant_field(*id, args, variant, at);
            self.types.hold(&field).is_some()
        })
    }

    /// Ends guards that are the value itself, and not something it was made with.
    pub(super) fn end_if_direct(&mut self, value: &Value) {
        if self.types.hold(&value.ty).is_none() {
            return;
        }
        for (guard, _) in &value.guards {
            self.flow.end(*guard);
        }
    }

    pub(super) fn bind_in_branch(&mut self, pat: &Pat, value: Value) {
        self.absent(pat, &value);
        self.bind(pat, value, false);
    }
}
