//! Types as they are written, read into types as the audit sees them.

use std::sync::Arc;

use ustr::{Ustr, ustr};

use super::{Bound, MAX_DEPTH, Scope, Type, Types};
use crate::index::{Def, FnOwner, TraitId, TypeId};
use crate::libraries::{self, LibType, Library, Role};
use crate::syntax::{Generic, Ty, TyPath, TypeKind};

impl<'a> Types<'a> {
    pub(crate) fn read(&self, ty: &Ty, scope: &Scope<'a>) -> Type {
        self.read_within(ty, scope, MAX_DEPTH)
    }

    pub(super) fn read_within(&self, ty: &Ty, scope: &Scope<'a>, depth: usize) -> Type {
        let Some(depth) = depth.checked_sub(1) else { return Type::Unknown };
        match ty {
            Ty::Path(path) => self.read_path(path, scope, depth),
            Ty::Ref(inner) => Type::Ref(Arc::new(self.read_within(inner, scope, depth))),
            Ty::Tuple(types) if types.is_empty() => Type::Unit,
            Ty::Tuple(types) => Type::Tuple(self.read_all(types, scope, depth)),
            Ty::Slice(inner) => Type::External {
                name: ustr("Vec"),
                args: Arc::from([self.read_within(inner, scope, depth)]),
            },
            Ty::Impl(bounds) | Ty::Dyn(bounds) => self.read_bounds(bounds, scope, depth),
            Ty::Fn { inputs, output } => Type::Callable {
                inputs: self.read_all(inputs, scope, depth),
                output: Arc::new(match output {
                    Some(output) => self.read_within(output, scope, depth),
                    None => Type::Unit,
                }),
            },
            Ty::Other => Type::Unknown,
        }
    }

    pub(super) fn read_all(&self, types: &[Ty], scope: &Scope<'a>, depth: usize) -> Arc<[Type]> {
        types.iter().map(|ty| self.read_within(ty, scope, depth)).collect()
    }

    pub(super) fn read_bounds(&self, bounds: &[TyPath], scope: &Scope<'a>, depth: usize) -> Type {
        for bound in bounds {
            let output =
                |name: &str| bound.assoc.iter().find(|(found, _)| *found == name).map(|(_, ty)| ty);
            match bound.last().as_str() {
                // A future is its output: `.await` changes no type.
                "Future" | "IntoFuture" => {
                    return match output("Output") {
                        Some(ty) => self.read_within(ty, scope, depth),
                        None => Type::Unknown,
                    };
                }
                "Stream" | "TryStream" => {
                    let item = output("Item").or(output("Ok"));
                    let item = item.map_or(Type::Unknown, |ty| self.read_within(ty, scope, depth));
                    return Type::External { name: ustr("Stream"), args: Arc::from([item]) };
                }
                "Deref" | "DerefMut" => {
                    let Some(target) = output("Target") else { continue };
                    // Whatever derefs to a raw connection, and is no reference, owns it.
                    return match self.read_within(target, scope, depth) {
                        Type::Lib(LibType {
                            role: Role::RawConnection | Role::Client,
                            library,
                        }) => Type::Lib(LibType { role: Role::Connection, library }),
                        target => target,
                    };
                }
                "Fn" | "FnMut" | "FnOnce" | "AsyncFn" | "AsyncFnMut" | "AsyncFnOnce" => {
                    return Type::Callable {
                        inputs: self.read_all(&bound.args, scope, depth),
                        output: Arc::new(match output("Output") {
                            Some(ty) => self.read_within(ty, scope, depth),
                            None => Type::Unknown,
                        }),
                    };
                }
                "AsRef" | "Into" | "Borrow" | "AsMut" => {
                    if let Some(inner) = bound.args.first() {
                        return Type::Ref(Arc::new(self.read_within(inner, scope, depth)));
                    }
                }
                _ => {}
            }
        }
        let bounds = bounds.iter().map(|bound| self.read_bound(bound, scope)).collect();
        Type::Bounded(bounds)
    }

    pub(super) fn read_bound(&self, bound: &TyPath, scope: &Scope<'a>) -> Bound {
        match self.index.resolve(scope.module, &bound.names) {
            Some(Def::Trait(id)) => Bound::Local(id),
            Some(Def::External(path)) => match libraries::classify(&path) {
                Some(found) => Bound::Lib(found),
                None => Bound::External,
            },
            _ => Bound::External,
        }
    }

    pub(super) fn read_path(&self, path: &TyPath, scope: &Scope<'a>, depth: usize) -> Type {
        let last = path.last();
        if let Some(qself) = &path.qself {
            return self.assoc_of(&self.read_within(qself, scope, depth), last, depth);
        }
        if let [first] = path.names.as_slice() {
            if *first == "Self" {
                return self.self_type(scope);
            }
            if let Some(generic) = self.generic(scope, *first) {
                return self.read_bounds(&generic.bounds, scope, depth);
            }
        }
        if let [first, _] = path.names.as_slice() {
            if *first == "Self" {
                return self.assoc_of_scope(scope, last, depth);
            }
            if let Some(generic) = self.generic(scope, *first) {
                let owner = self.read_bounds(&generic.bounds, scope, depth);
                return self.assoc_of(&owner, last, depth);
            }
        }
        if self.guard_names.iter().any(|name| last == *name) {
            return Type::Lib(LibType { role: Role::Connection, library: Library::Sqlx });
        }
        if self.pool_names.iter().any(|name| last == *name) {
            return Type::Lib(LibType { role: Role::Pool, library: Library::Sqlx });
        }
        let args = self.read_all(&path.args, scope, depth);
        match self.index.resolve(scope.module, &path.names) {
            Some(Def::Type(id)) => self.local(id, args, depth),
            Some(Def::Trait(id)) => Type::Bounded(Arc::from([Bound::Local(id)])),
            Some(Def::External(full)) => self.external(&full, last, args),
            _ => match self.only_type(scope, path) {
                Some(id) => self.local(id, args, depth),
                None => self.external(&path.names, last, args),
            },
        }
    }

    /// Returns the only type of a name that leads nowhere. One that is missing in a crate, because it is generated, is
    /// none of another crate's.
    fn only_type(&self, scope: &Scope<'a>, path: &TyPath) -> Option<TypeId> {
        let found = self.index.only_type(scope.module, path.last())?;
        let root = self.index.root_of(self.index.type_info(found).module);
        let [first, _, ..] = path.names.as_slice() else { return Some(found) };
        let start = self.index.begins_in(scope.module, *first);
        start.is_none_or(|start| self.index.root_of(start) == root).then_some(found)
    }

    pub(super) fn external(&self, path: &[Ustr], name: Ustr, args: Arc<[Type]>) -> Type {
        if let Some(found) = libraries::classify(path) {
            let generic = matches!(name.as_str(), "Pool" | "PooledConnection" | "Object")
                && matches!(found.library, Library::Deadpool | Library::Bb8);
            // An unmanaged pool has no manager, but the values themselves.
            let unmanaged = path.iter().any(|segment| *segment == "unmanaged");
            let foreign = |made: &Type| match unmanaged {
                true => !self.mentions_database(made, MAX_DEPTH),
                false => self.is_foreign_manager(made),
            };
            if generic && args.iter().any(foreign) {
                return Type::External { name: Ustr::from("Foreign"), args: Arc::from([]) };
            }
            return Type::Lib(found);
        }
        match name.as_str() {
            "BoxFuture" | "LocalBoxFuture" | "ScopedBoxFuture" => {
                args.last().cloned().unwrap_or(Type::Unknown)
            }
            "Pin" => args.first().cloned().unwrap_or(Type::Unknown),
            _ => Type::External { name: path.last().copied().unwrap_or(name), args },
        }
    }

    pub(super) fn local(&self, id: TypeId, args: Arc<[Type]>, depth: usize) -> Type {
        let info = self.index.type_info(id);
        let TypeKind::Alias(target) = &info.item.kind else { return Type::Local(id, args) };
        let scope = Scope {
            module: info.module,
            generics: vec![&info.item.generics],
            owner: FnOwner::Free,
            this: None,
        };
        let read = self.read_within(target, &scope, depth);
        match args.first() {
            // `type Result<T> = Result<T, Error>` and the like.
            Some(first) if matches!(read, Type::External { .. }) => substitute_first(read, first),
            Some(first) if matches!(read, Type::Bounded(_) | Type::Unknown) => first.clone(),
            _ => read,
        }
    }

    pub(super) fn generic(&self, scope: &Scope<'a>, name: Ustr) -> Option<&'a Generic> {
        scope.generics.iter().flat_map(|list| list.iter()).find(|generic| generic.name == name)
    }

    pub(super) fn assoc_of_scope(&self, scope: &Scope<'a>, name: Ustr, depth: usize) -> Type {
        if let Some(this) = &scope.this {
            let found = self.assoc_of(this, name, depth);
            if !matches!(found, Type::Unknown) {
                return found;
            }
        }
        match scope.owner {
            FnOwner::Impl(id) => {
                let info = self.index.impl_info(id);
                match info.item.assoc.iter().find(|(found, _)| *found == name) {
                    Some((_, ty)) => self.read_within(ty, &self.impl_scope(id), depth),
                    None => match info.target {
                        Some(target) => {
                            self.assoc_of(&Type::Local(target, Arc::from([])), name, depth)
                        }
                        None => Type::Unknown,
                    },
                }
            }
            FnOwner::Trait(id) => self.assoc_of_trait(id, name, depth),
            FnOwner::Free => Type::Unknown,
        }
    }

    /// Returns an associated type of a trait, or of one that it extends.
    fn assoc_of_trait(&self, id: TraitId, name: Ustr, depth: usize) -> Type {
        let Some(depth) = depth.checked_sub(1) else { return Type::Unknown };
        let own = self.assocs[id.0 as usize].iter().find(|(found, _)| *found == name);
        if let Some((_, ty)) = own {
            return ty.clone();
        }
        let info = self.index.trait_info(id);
        let above = info.item.supertraits.iter().find_map(|path| {
            let Some(Def::Trait(above)) = self.index.resolve(info.module, &path.names) else {
                return None;
            };
            let found = self.assoc_of_trait(above, name, depth);
            (!matches!(found, Type::Unknown)).then_some(found)
        });
        above.unwrap_or(Type::Unknown)
    }

    /// Reads the associated types of a trait.
    pub(super) fn assocs_of(&self, id: TraitId) -> Vec<(Ustr, Type)> {
        let declared = self.index.trait_info(id).item.assoc.iter();
        declared.map(|(name, _)| (*name, self.read_assoc(id, *name, MAX_DEPTH))).collect()
    }

    /// Reads an associated type of a trait, by its first implementation that holds a connection.
    fn read_assoc(&self, id: TraitId, name: Ustr, depth: usize) -> Type {
        let found = self.index.trait_info(id).impls.iter().filter_map(|id| {
            let info = self.index.impl_info(*id);
            let (_, ty) = info.item.assoc.iter().find(|(found, _)| *found == name)?;
            Some(self.read_within(ty, &self.impl_scope(*id), depth))
        });
        let found: Vec<Type> = found.collect();
        let holding = found.iter().find(|ty| self.hold_within(ty, depth).is_some());
        if let Some(found) = holding.or(found.first()) {
            return found.clone();
        }
        let info = self.index.trait_info(id);
        let scope = Scope {
            module: info.module,
            generics: Vec::new(),
            owner: FnOwner::Trait(id),
            this: None,
        };
        match info.item.assoc.iter().find(|(found, _)| *found == name) {
            Some((_, bounds)) if !bounds.is_empty() => self.read_bounds(bounds, &scope, depth),
            _ => Type::Unknown,
        }
    }

    pub(super) fn assoc_of(&self, owner: &Type, name: Ustr, depth: usize) -> Type {
        match owner {
            Type::Bounded(bounds) => bounds
                .iter()
                .find_map(|bound| match bound {
                    Bound::Local(id) => match self.assoc_of_trait(*id, name, depth) {
                        Type::Unknown => None,
                        found => Some(found),
                    },
                    _ => None,
                })
                .unwrap_or_else(|| match name.as_str() {
                    // `DB::Connection` of a `DB: sqlx::Database`.
                    "Connection" if bounds.iter().any(|bound| matches!(bound, Bound::External)) => {
                        Type::Lib(LibType { role: Role::RawConnection, library: Library::Sqlx })
                    }
                    _ => Type::Unknown,
                }),
            Type::Local(id, args) => {
                let mut found = self.index.assocs(*id, name.as_str());
                match found.find(|(_, owner)| self.is_for(*owner, args, depth)) {
                    Some((ty, owner)) => self.read_within(ty, &self.impl_scope(owner), depth),
                    None => Type::Unknown,
                }
            }
            // `<DB as Database>::Connection` and `DB::Connection`.
            _ if name == "Connection" => {
                Type::Lib(LibType { role: Role::RawConnection, library: Library::Sqlx })
            }
            _ => Type::Unknown,
        }
    }
}

fn substitute_first(read: Type, first: &Type) -> Type {
    match read {
        Type::External { name, args } => {
            let mut args = args.to_vec();
            match args.first_mut() {
                Some(slot) if matches!(slot, Type::Bounded(_) | Type::Unknown) => {
                    *slot = first.clone();
                }
                _ => {}
            }
            Type::External { name, args: args.into() }
        }
        read => read,
    }
}
