//! Fields of structs and of variants, also behind pointers.

use std::sync::Arc;

use ustr::Ustr;

use super::wrappers::transparent;
use super::{MAX_DEPTH, Scope, Type, Types};
use crate::index::{FnOwner, TypeId};
use crate::syntax::{Ty, TypeKind};

impl<'a> Types<'a> {
    /// Returns the type of a field, also behind references and smart pointers.
    pub(crate) fn field(&self, owner: &Type, name: Ustr) -> Type {
        self.field_within(owner, name, MAX_DEPTH)
    }

    /// Returns true if a struct of the workspace has a reference to the same type of another crate as this one.
    pub(crate) fn keeps_reference(&self, owner: &Type, reference: &Type) -> bool {
        let (Type::Local(id, args), Some(wanted)) = (owner, referenced(reference)) else {
            return false;
        };
        let TypeKind::Struct(fields) = &self.index.type_info(*id).item.kind else { return false };
        fields.iter().any(|field| {
            referenced(&self.field_type(*id, args, &field.ty, MAX_DEPTH)) == Some(wanted)
        })
    }

    pub(super) fn field_within(&self, owner: &Type, name: Ustr, depth: usize) -> Type {
        let Some(depth) = depth.checked_sub(1) else { return Type::Unknown };
        match owner {
            Type::Ref(inner) => self.field_within(inner, name, depth),
            Type::Tuple(types) => {
                let at = name.parse::<usize>().ok();
                at.and_then(|at| types.get(at).cloned()).unwrap_or(Type::Unknown)
            }
            Type::Local(id, args) => {
                let info = self.index.type_info(*id);
                let TypeKind::Struct(fields) = &info.item.kind else { return Type::Unknown };
                if let Some(field) = fields.iter().find(|field| field.name == name) {
                    return self.field_type(*id, args, &field.ty, depth);
                }
                match self.deref_target(*id, depth) {
                    Some(target) => self.field_within(&target, name, depth),
                    None => Type::Unknown,
                }
            }
            Type::External { name: wrapper, args } => {
                match args.first().filter(|_| transparent(wrapper)) {
                    // `State(pool).0`, `data.0`
                    Some(inner) if name == "0" => inner.clone(),
                    Some(inner) => self.field_within(inner, name, depth),
                    None => Type::Unknown,
                }
            }
            _ => Type::Unknown,
        }
    }

    /// Returns a field's type with the type's own arguments in place of its parameters.
    pub(super) fn field_type(&self, id: TypeId, args: &[Type], ty: &Ty, depth: usize) -> Type {
        let info = self.index.type_info(id);
        if let Ty::Path(path) = ty
            && let [single] = path.names.as_slice()
        {
            let position = info.item.generics.iter().position(|generic| generic.name == *single);
            if let Some(arg) = position.and_then(|position| args.get(position)) {
                return arg.clone();
            }
        }
        let scope = Scope {
            module: info.module,
            generics: vec![&info.item.generics],
            owner: FnOwner::Free,
            this: None,
        };
        match ty {
            Ty::Ref(inner) => Type::Ref(Arc::new(self.field_type(id, args, inner, depth))),
            _ => self.read_within(ty, &scope, depth),
        }
    }

    pub(crate) fn has_variant(&self, id: TypeId, variant: Ustr) -> bool {
        match &self.index.type_info(id).item.kind {
            TypeKind::Enum(variants) => variants.iter().any(|(name, _)| *name == variant),
            _ => false,
        }
    }

    /// Returns the fields of a struct, or those of an enum's variant.
    pub(crate) fn variant_field(
        &self,
        id: TypeId,
        args: &[Type],
        variant: Ustr,
        at: usize,
    ) -> Type {
        let info = self.index.type_info(id);
        let fields = match &info.item.kind {
            TypeKind::Struct(fields) => Some(fields),
            TypeKind::Enum(variants) => {
                variants.iter().find(|(name, _)| *name == variant).map(|(_, fields)| fields)
            }
            TypeKind::Alias(_) => None,
        };
        match fields.and_then(|fields| fields.get(at)) {
            Some(field) => self.field_type(id, args, &field.ty, MAX_DEPTH),
            None => Type::Unknown,
        }
    }

    /// Returns a named field of an enum's variant.
    pub(crate) fn field_of_variant(&self, ty: &Type, path: &[Ustr], name: Ustr) -> Type {
        let (id, args) = match ty {
            Type::Ref(inner) => return self.field_of_variant(inner, path, name),
            Type::Local(id, args) => (*id, args),
            _ => return Type::Unknown,
        };
        let TypeKind::Enum(variants) = &self.index.type_info(id).item.kind else {
            return Type::Unknown;
        };
        let variant = path.last().copied().unwrap_or_default();
        let fields = variants.iter().find(|(found, _)| *found == variant).map(|(_, fields)| fields);
        match fields.and_then(|fields| fields.iter().find(|field| field.name == name)) {
            Some(field) => self.field_type(id, args, &field.ty, MAX_DEPTH),
            None => Type::Unknown,
        }
    }

    pub(crate) fn deref_target(&self, id: TypeId, depth: usize) -> Option<Type> {
        let (ty, owner) = self.index.assoc(id, "Target")?;
        Some(self.read_within(ty, &self.impl_scope(owner), depth.min(MAX_DEPTH)))
    }
}

/// Returns the name of the type of another crate that is behind a reference.
fn referenced(ty: &Type) -> Option<Ustr> {
    match ty {
        Type::Ref(inner) => match &**inner {
            Type::External { name, .. } => Some(*name),
            _ => None,
        },
        _ => None,
    }
}
