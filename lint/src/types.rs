//! Types as the audit sees them, and which of them hold a connection.

use std::sync::Arc;

use rayon::prelude::*;
use ustr::{Ustr, ustr};

use crate::index::{Def, FnId, FnOwner, ImplId, Index, ModId, TraitId, TypeId};
use crate::libraries::{self, LibType, Library, Role};
use crate::syntax::{Generic, Ty, TyPath, TypeKind};

/// How deep types are looked into.
const MAX_DEPTH: usize = 8;

#[derive(Clone, Debug)]
pub(crate) enum Type {
    Unknown,
    /// A type of one of the six libraries.
    Lib(LibType),
    /// A type of the workspace.
    Local(TypeId, Arc<[Type]>),
    /// A type from elsewhere.
    External {
        name: Ustr,
        args: Arc<[Type]>,
    },
    Ref(Arc<Type>),
    Tuple(Arc<[Type]>),
    /// A generic parameter, `impl Trait` or `dyn Trait`.
    Bounded(Arc<[Bound]>),
    Callable {
        inputs: Arc<[Type]>,
        output: Arc<Type>,
    },
    /// A stream that holds a connection of a pool.
    PoolStream,
    Unit,
}

#[derive(Clone, Debug)]
pub(crate) enum Bound {
    Local(TraitId),
    Lib(LibType),
    External,
}

/// What a type holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub what: Held,
    /// False for a borrowed one.
    pub owned: bool,
    /// False if only some values of the type hold a connection.
    pub certain: bool,
    pub library: Option<Library>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Held {
    Connection,
    Transaction,
    Stream,
}

/// Types and functions of an index, as seen from one place.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub module: ModId,
    pub generics: Vec<&'a [Generic]>,
    pub owner: FnOwner,
}

pub(crate) struct Types<'a> {
    pub index: &'a Index,
    guard_names: &'a [String],
    pool_names: &'a [String],
    /// What each type of the workspace holds, by its fields.
    holds: Vec<Option<Hold>>,
    /// What the implementors of each trait hold.
    trait_holds: Vec<Option<Hold>>,
}

/// How often what types hold is worked out anew from what their fields hold.
const MAX_ROUNDS: usize = 8;

impl<'a> Types<'a> {
    pub(crate) fn new(
        index: &'a Index,
        guard_names: &'a [String],
        pool_names: &'a [String],
    ) -> Types<'a> {
        let holds = vec![None; index.types.len()];
        let trait_holds = vec![None; index.traits.len()];
        let mut types = Types { index, guard_names, pool_names, holds, trait_holds };
        for _ in 0..MAX_ROUNDS {
            let holds: Vec<Option<Hold>> = (0..index.types.len())
                .into_par_iter()
                .map(|at| types.hold_of_local(TypeId::at(at), &[], MAX_DEPTH))
                .collect();
            let trait_holds: Vec<Option<Hold>> = (0..index.traits.len())
                .into_par_iter()
                .map(|at| types.hold_of_trait(TraitId::at(at), MAX_DEPTH))
                .collect();
            if holds == types.holds && trait_holds == types.trait_holds {
                break;
            }
            types.holds = holds;
            types.trait_holds = trait_holds;
        }
        types
    }

    pub(crate) fn scope(&self, id: FnId) -> Scope<'a> {
        let info = self.index.function(id);
        let mut generics: Vec<&[Generic]> = vec![&info.item.generics];
        if let FnOwner::Impl(owner) = info.owner {
            generics.push(&self.index.impl_info(owner).item.generics);
        }
        Scope { module: info.module, generics, owner: info.owner }
    }

    fn impl_scope(&self, id: ImplId) -> Scope<'a> {
        let info = self.index.impl_info(id);
        Scope { module: info.module, generics: vec![&info.item.generics], owner: FnOwner::Impl(id) }
    }

    /// Returns the type of `self` in a function, without its reference.
    pub(crate) fn self_type(&self, scope: &Scope<'a>) -> Type {
        match scope.owner {
            FnOwner::Impl(id) => {
                let info = self.index.impl_info(id);
                self.read(&info.item.self_ty, &Scope { owner: FnOwner::Free, ..scope.clone() })
            }
            FnOwner::Trait(id) => Type::Bounded(Arc::from([Bound::Local(id)])),
            FnOwner::Free => Type::Unknown,
        }
    }

    /// Returns a function's return type; that of a future, for one that returns a future.
    pub(crate) fn returned(&self, id: FnId) -> Type {
        let info = self.index.function(id);
        match &info.item.ret {
            Some(ty) => self.read(ty, &self.scope(id)),
            None => Type::Unit,
        }
    }

    pub(crate) fn params(&self, id: FnId) -> Vec<Type> {
        let scope = self.scope(id);
        let info = self.index.function(id);
        info.item.params.iter().map(|param| self.read(&param.ty, &scope)).collect()
    }

    pub(crate) fn read(&self, ty: &Ty, scope: &Scope<'a>) -> Type {
        self.read_within(ty, scope, MAX_DEPTH)
    }

    fn read_within(&self, ty: &Ty, scope: &Scope<'a>, depth: usize) -> Type {
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

    fn read_all(&self, types: &[Ty], scope: &Scope<'a>, depth: usize) -> Arc<[Type]> {
        types.iter().map(|ty| self.read_within(ty, scope, depth)).collect()
    }

    fn read_bounds(&self, bounds: &[TyPath], scope: &Scope<'a>, depth: usize) -> Type {
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

    fn read_bound(&self, bound: &TyPath, scope: &Scope<'a>) -> Bound {
        match self.index.resolve(scope.module, &bound.names) {
            Some(Def::Trait(id)) => Bound::Local(id),
            Some(Def::External(path)) => match libraries::classify(&path) {
                Some(found) => Bound::Lib(found),
                None => Bound::External,
            },
            _ => Bound::External,
        }
    }

    fn read_path(&self, path: &TyPath, scope: &Scope<'a>, depth: usize) -> Type {
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
            _ => match self.index.only_type(last) {
                Some(id) => self.local(id, args, depth),
                None => self.external(&path.names, last, args),
            },
        }
    }

    fn external(&self, path: &[Ustr], name: Ustr, args: Arc<[Type]>) -> Type {
        if let Some(found) = libraries::classify(path) {
            let generic = matches!(name.as_str(), "Pool" | "PooledConnection" | "Object")
                && matches!(found.library, Library::Deadpool | Library::Bb8);
            if generic && args.iter().any(|manager| self.is_foreign_manager(manager)) {
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

    /// Returns true for a pool's manager that makes something else than database connections.
    fn is_foreign_manager(&self, manager: &Type) -> bool {
        match manager {
            Type::External { name, .. } => {
                ["Redis", "Memcache", "Smtp", "Lapin", "Amqp", "Rabbit", "Ldap", "Http", "Grpc"]
                    .iter()
                    .any(|word| name.contains(word))
            }
            Type::Local(id, _) => {
                let made = ["Type", "Connection"].iter().find_map(|assoc| {
                    let (ty, owner) = self.index.assoc(*id, assoc)?;
                    Some(self.read_within(ty, &self.impl_scope(owner), 4))
                });
                match made {
                    Some(Type::External { .. } | Type::Local(..)) => {
                        made.is_some_and(|made| !self.mentions_database(&made, 4))
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Returns true if a type is or contains a connection of one of the libraries.
    fn mentions_database(&self, ty: &Type, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match ty {
            Type::Lib(_) => true,
            Type::Ref(inner) => self.mentions_database(inner, depth),
            Type::External { name, args } => {
                name.contains("Connection") && !name.contains("Redis")
                    || args.iter().any(|arg| self.mentions_database(arg, depth))
            }
            Type::Local(id, args) => {
                let TypeKind::Struct(fields) = &self.index.type_info(*id).item.kind else {
                    return false;
                };
                fields.iter().any(|field| {
                    let ty = self.field_type(*id, args, &field.ty, depth);
                    self.mentions_database(&ty, depth)
                })
            }
            _ => false,
        }
    }

    pub(crate) fn has_variant(&self, id: TypeId, variant: Ustr) -> bool {
        match &self.index.type_info(id).item.kind {
            TypeKind::Enum(variants) => variants.iter().any(|(name, _)| *name == variant),
            _ => false,
        }
    }

    fn local(&self, id: TypeId, args: Arc<[Type]>, depth: usize) -> Type {
        let info = self.index.type_info(id);
        let TypeKind::Alias(target) = &info.item.kind else { return Type::Local(id, args) };
        let scope = Scope {
            module: info.module,
            generics: vec![&info.item.generics],
            owner: FnOwner::Free,
        };
        let read = self.read_within(target, &scope, depth);
        match args.first() {
            // `type Result<T> = Result<T, Error>` and the like.
            Some(first) if matches!(read, Type::External { .. }) => substitute_first(read, first),
            Some(first) if matches!(read, Type::Bounded(_) | Type::Unknown) => first.clone(),
            _ => read,
        }
    }

    fn generic(&self, scope: &Scope<'a>, name: Ustr) -> Option<&'a Generic> {
        scope.generics.iter().flat_map(|list| list.iter()).find(|generic| generic.name == name)
    }

    fn assoc_of_scope(&self, scope: &Scope<'a>, name: Ustr, depth: usize) -> Type {
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

    /// Returns an associated type of a trait, by its first implementation that holds a connection.
    fn assoc_of_trait(&self, id: TraitId, name: Ustr, depth: usize) -> Type {
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
        let scope = Scope { module: info.module, generics: Vec::new(), owner: FnOwner::Trait(id) };
        match info.item.assoc.iter().find(|(found, _)| *found == name) {
            Some((_, bounds)) if !bounds.is_empty() => self.read_bounds(bounds, &scope, depth),
            _ => Type::Unknown,
        }
    }

    fn assoc_of(&self, owner: &Type, name: Ustr, depth: usize) -> Type {
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
                .unwrap_or(Type::Unknown),
            Type::Local(id, _) => match self.index.assoc(*id, name.as_str()) {
                Some((ty, owner)) => self.read_within(ty, &self.impl_scope(owner), depth),
                None => Type::Unknown,
            },
            // `<DB as Database>::Connection` and `DB::Connection`.
            _ if name == "Connection" => {
                Type::Lib(LibType { role: Role::RawConnection, library: Library::Sqlx })
            }
            _ => Type::Unknown,
        }
    }

    /// Returns the type of a field, also behind references and smart pointers.
    pub(crate) fn field(&self, owner: &Type, name: Ustr) -> Type {
        self.field_within(owner, name, MAX_DEPTH)
    }

    fn field_within(&self, owner: &Type, name: Ustr, depth: usize) -> Type {
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
    fn field_type(&self, id: TypeId, args: &[Type], ty: &Ty, depth: usize) -> Type {
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
        };
        match ty {
            Ty::Ref(inner) => Type::Ref(Arc::new(self.field_type(id, args, inner, depth))),
            _ => self.read_within(ty, &scope, depth),
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

    /// Returns what a value of this type holds.
    pub(crate) fn hold(&self, ty: &Type) -> Option<Hold> {
        self.hold_within(ty, MAX_DEPTH)
    }

    fn hold_within(&self, ty: &Type, depth: usize) -> Option<Hold> {
        let depth = depth.checked_sub(1)?;
        match ty {
            Type::Lib(found) => hold_of(*found),
            Type::PoolStream => {
                Some(Hold { what: Held::Stream, owned: true, certain: true, library: None })
            }
            Type::Ref(inner) => match &**inner {
                Type::Lib(LibType { role: Role::RawConnection, library }) => Some(Hold {
                    what: Held::Connection,
                    owned: false,
                    certain: true,
                    library: Some(*library),
                }),
                Type::Lib(LibType { role: Role::Client, library }) => Some(Hold {
                    what: Held::Connection,
                    owned: false,
                    certain: false,
                    library: Some(*library),
                }),
                inner => self.hold_within(inner, depth).map(|hold| Hold { owned: false, ..hold }),
            },
            Type::Tuple(types) => types.iter().find_map(|ty| self.hold_within(ty, depth)),
            Type::External { name, args } if container(name) => {
                let found = args.iter().find_map(|ty| self.hold_within(ty, depth));
                // `Arc<Mutex<PgConnection>>` is a connection of its own, shared.
                found
            }
            // `PgCopyIn<&mut PgConnection>` and the like.
            Type::External { args, .. } => args
                .iter()
                .filter(|arg| matches!(arg, Type::Ref(_)))
                .find_map(|arg| self.hold_within(arg, depth)),
            Type::Local(id, args) => match self.holds[id.0 as usize] {
                None if !args.is_empty() => self.hold_of_local(*id, args, depth),
                found => found,
            },
            Type::Bounded(bounds) => self.hold_of_bounds(bounds),
            _ => None,
        }
    }

    fn hold_of_local(&self, id: TypeId, args: &[Type], depth: usize) -> Option<Hold> {
        let info = self.index.type_info(id);
        match &info.item.kind {
            TypeKind::Struct(fields) => {
                let holds = fields
                    .iter()
                    .filter_map(|field| {
                        self.hold_within(&self.field_type(id, args, &field.ty, depth), depth)
                    })
                    .collect::<Vec<_>>();
                let hold = holds.iter().find(|hold| hold.certain).or(holds.first()).copied();
                hold.or_else(|| self.hold_of_own_guard(id, depth))
            }
            TypeKind::Enum(variants) => {
                let fields = variants.iter().flat_map(|(_, fields)| fields);
                let hold = fields
                    .filter_map(|field| {
                        self.hold_within(&self.field_type(id, args, &field.ty, depth), depth)
                    })
                    .next()?;
                let all = variants.iter().all(|(_, fields)| {
                    fields.iter().any(|field| {
                        let ty = self.field_type(id, args, &field.ty, depth);
                        self.hold_within(&ty, depth).is_some()
                    })
                });
                Some(Hold { certain: hold.certain && all, ..hold })
            }
            TypeKind::Alias(_) => None,
        }
    }

    /// Recognises a guard of a pool that the workspace wrote itself: it derefs to a connection, and gives
    /// something back when it is dropped.
    fn hold_of_own_guard(&self, id: TypeId, depth: usize) -> Option<Hold> {
        let TypeKind::Struct(fields) = &self.index.type_info(id).item.kind else { return None };
        let gives_back = self.index.implements(id, "Drop")
            || fields.iter().any(|field| match &field.ty {
                Ty::Path(path) => path.last().contains("Permit"),
                _ => false,
            });
        if !gives_back {
            return None;
        }
        match self.deref_target(id, depth)? {
            Type::Lib(LibType { role: Role::Client | Role::RawConnection, library }) => {
                Some(Hold {
                    what: Held::Connection,
                    owned: true,
                    certain: true,
                    library: Some(library),
                })
            }
            _ => None,
        }
    }

    fn hold_of_bounds(&self, bounds: &[Bound]) -> Option<Hold> {
        for bound in bounds {
            match bound {
                Bound::Lib(LibType { role: Role::Executor, library }) => {
                    return Some(Hold {
                        what: Held::Connection,
                        owned: true,
                        certain: false,
                        library: Some(*library),
                    });
                }
                Bound::Lib(found) => {
                    if let Some(hold) = hold_of(*found) {
                        return Some(hold);
                    }
                }
                Bound::Local(id) => {
                    if let Some(hold) = self.trait_holds[id.0 as usize] {
                        return Some(hold);
                    }
                }
                Bound::External => {}
            }
        }
        None
    }

    /// Returns what implementors of a trait hold: for certain, if all of them do.
    fn hold_of_trait(&self, id: TraitId, depth: usize) -> Option<Hold> {
        let info = self.index.trait_info(id);
        for path in &info.item.supertraits {
            if let Some(Def::External(full)) = self.index.resolve(info.module, &path.names)
                && let Some(LibType { role: Role::Executor, library }) = libraries::classify(&full)
            {
                return Some(Hold {
                    what: Held::Connection,
                    owned: true,
                    certain: false,
                    library: Some(library),
                });
            }
        }
        let mut hold = None;
        let mut all = true;
        for implementation in &info.impls {
            let info = self.index.impl_info(*implementation);
            if info.item.test {
                continue;
            }
            let scope = self.impl_scope(*implementation);
            let target = self.read_within(&info.item.self_ty, &scope, depth);
            let stands_in = match &target {
                Type::Local(id, _) => {
                    let name = self.index.type_info(*id).item.name;
                    ["Mock", "Fake", "Stub", "InMemory", "Memory", "Noop", "Dummy", "Test"]
                        .iter()
                        .any(|word| name.contains(word))
                }
                _ => false,
            };
            match self.hold_within(&target, depth) {
                Some(found) => hold = hold.or(Some(found)),
                None if stands_in => {}
                None => all = false,
            }
        }
        hold.map(|hold: Hold| Hold { certain: hold.certain && all, ..hold })
    }

    /// Returns the pool's library, if this is a pool, also behind pointers and extractors.
    pub(crate) fn pool(&self, ty: &Type) -> Option<Library> {
        self.pool_within(ty, MAX_DEPTH)
    }

    fn pool_within(&self, ty: &Type, depth: usize) -> Option<Library> {
        let depth = depth.checked_sub(1)?;
        match ty {
            Type::Lib(LibType { role: Role::Pool, library }) => Some(*library),
            Type::Ref(inner) => self.pool_within(inner, depth),
            Type::External { name, args } if transparent(name) => {
                self.pool_within(args.first()?, depth)
            }
            Type::Local(id, _) => self.pool_within(&self.deref_target(*id, depth)?, depth),
            _ => None,
        }
    }

    /// Returns true if the field's type can be `None`, so that it may hold nothing.
    pub(crate) fn is_optional(&self, ty: &Type) -> bool {
        match ty {
            Type::Ref(inner) => self.is_optional(inner),
            Type::External { name, args } => {
                matches!(name.as_str(), "Option")
                    || (container(name) && args.first().is_some_and(|ty| self.is_optional(ty)))
            }
            Type::Local(id, args) => {
                let TypeKind::Struct(fields) = &self.index.type_info(*id).item.kind else {
                    return false;
                };
                fields.iter().any(|field| {
                    let ty = self.field_type(*id, args, &field.ty, MAX_DEPTH);
                    self.hold(&ty).is_some() && self.is_optional(&ty)
                })
            }
            _ => false,
        }
    }
}

fn hold_of(found: LibType) -> Option<Hold> {
    let what = match found.role {
        Role::Connection => Held::Connection,
        Role::Transaction => Held::Transaction,
        Role::Pool | Role::RawConnection | Role::Client | Role::Executor => return None,
    };
    Some(Hold { what, owned: true, certain: true, library: Some(found.library) })
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

/// Returns true for types that hold what their arguments hold.
fn container(name: &str) -> bool {
    matches!(
        name,
        "Option"
            | "Result"
            | "Box"
            | "Arc"
            | "Rc"
            | "Mutex"
            | "RwLock"
            | "RefCell"
            | "Cell"
            | "Vec"
            | "MutexGuard"
            | "OwnedMutexGuard"
            | "RwLockWriteGuard"
            | "RwLockReadGuard"
            | "RefMut"
            | "ManuallyDrop"
            | "ControlFlow"
            | "Either"
            | "Cow"
            | "Guard"
            | "AsyncMutex"
            | "TokioMutex"
            | "AppResult"
            | "ApiResult"
            | "DbResult"
    )
}

/// Returns true for types whose methods and fields are those of their argument.
pub(crate) fn transparent(name: &str) -> bool {
    container(name)
        || matches!(
            name,
            "State"
                | "Extension"
                | "Data"
                | "OnceCell"
                | "OnceLock"
                | "LazyLock"
                | "Lazy"
                | "Json"
                | "Path"
                | "Query"
                | "Inject"
                | "Depends"
                | "Dependency"
                | "ThinData"
                | "Ref"
                | "Weak"
                | "Pin"
                | "AssertUnwindSafe"
                | "ReqData"
                | "FromRef"
        )
}
