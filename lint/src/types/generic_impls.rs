//! Implementations for some arguments of a generic type, such as `Store<Postgres>` and `Store<Memory>`.

use super::{MAX_DEPTH, Scope, Type, Types};
use crate::index::{FnId, FnOwner, ImplId};

impl<'a> Types<'a> {
    /// Returns the methods that a type with these arguments has.
    pub(crate) fn methods_for(&self, found: &[FnId], args: &[Type]) -> Vec<FnId> {
        let own = |id: &FnId| match self.index.function(*id).owner {
            FnOwner::Impl(owner) => self.is_for(owner, args, MAX_DEPTH),
            FnOwner::Trait(_) | FnOwner::Free => true,
        };
        let own: Vec<FnId> = found.iter().copied().filter(own).collect();
        if own.is_empty() { found.to_vec() } else { own }
    }

    /// Returns what a method returns for a receiver: `Self` is the receiver's type, with its arguments.
    pub(crate) fn returned_for(&self, id: FnId, receiver: Option<&Type>) -> Type {
        match (receiver, &self.index.function(id).item.ret) {
            (Some(Type::Ref(inner)), _) => self.returned_for(id, Some(inner)),
            (Some(this @ Type::Local(_, args)), Some(returned)) if !args.is_empty() => {
                let scope = Scope { this: Some(this.clone()), ..self.scope(id) };
                self.read(returned, &scope)
            }
            _ => self.returned(id).clone(),
        }
    }

    /// Returns true unless an implementation is for other arguments.
    pub(super) fn is_for(&self, id: ImplId, args: &[Type], depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1).filter(|_| !args.is_empty()) else { return true };
        let own = &self.index.impl_info(id).item.self_ty;
        match self.read_within(own, &self.impl_scope(id), depth) {
            Type::Local(_, own) => own.iter().zip(args).all(|(own, arg)| may_be(own, arg)),
            _ => true,
        }
    }
}

/// Returns false for two types that are known, and are not the same.
fn may_be(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::Unknown | Type::Bounded(_), _) | (_, Type::Unknown | Type::Bounded(_)) => true,
        (Type::Ref(one), Type::Ref(other)) => may_be(one, other),
        (Type::Local(one, _), Type::Local(other, _)) => one == other,
        (Type::Lib(one), Type::Lib(other)) => one == other,
        (Type::External { name: one, .. }, Type::External { name: other, .. }) => one == other,
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}
