//! Types that hold a connection, by their fields, their traits and their bounds.

use super::wrappers::{container, transparent};
use super::{Bound, Hold, MAX_DEPTH, Type, Types};
use crate::findings::GuardKind;
use crate::index::{Def, FnId, TraitId, TypeId};
use crate::libraries::{self, LibType, Library, Role};
use crate::syntax::{Field, Ty, TypeKind};

impl<'a> Types<'a> {
    /// Returns what a value of this type holds.
    pub(crate) fn hold(&self, ty: &Type) -> Option<Hold> {
        self.hold_within(ty, MAX_DEPTH)
    }

    pub(super) fn hold_within(&self, ty: &Type, depth: usize) -> Option<Hold> {
        let depth = depth.checked_sub(1)?;
        match ty {
            Type::Lib(found) => hold_of(*found),
            Type::PoolStream => {
                Some(Hold { what: GuardKind::Stream, owned: true, certain: true, library: None })
            }
            Type::Ref(inner) => match &**inner {
                Type::Lib(LibType { role: Role::RawConnection, library }) => {
                    Some(Hold { owned: false, ..hold_of_connection(*library) })
                }
                Type::Lib(LibType { role: Role::Client, library }) => {
                    Some(Hold { owned: false, certain: false, ..hold_of_connection(*library) })
                }
                inner => self.hold_within(inner, depth).map(|hold| Hold { owned: false, ..hold }),
            },
            Type::Tuple(types) => types.iter().find_map(|ty| self.hold_within(ty, depth)),
            Type::External { name, args } if container(name) => {
                let found = args.iter().find_map(|ty| self.hold_within(ty, depth));
                // `Arc<Mutex<PgConnection>>` is a connection of its own, shared.
                found.or_else(|| hold_of_lock(name, args))
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

    pub(super) fn hold_of_local(&self, id: TypeId, args: &[Type], depth: usize) -> Option<Hold> {
        let info = self.index.type_info(id);
        match &info.item.kind {
            TypeKind::Struct(fields) => {
                let holds = fields
                    .iter()
                    .filter_map(|field| {
                        self.hold_within(&self.field_type(id, args, &field.ty, depth), depth)
                    })
                    .collect::<Vec<_>>();
                let mut hold = holds.iter().find(|hold| hold.certain).or(holds.first()).copied();
                if self.opens_on_first_use(id, args, depth) {
                    hold = hold.map(|hold| Hold { certain: false, ..hold });
                }
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

    /// Returns true for an `Option` of a connection that some method fills: from the pool beside it, or before it
    /// lends the connection.
    fn opens_on_first_use(&self, id: TypeId, args: &[Type], depth: usize) -> bool {
        let TypeKind::Struct(fields) = &self.index.type_info(id).item.kind else { return false };
        let types: Vec<Type> =
            fields.iter().map(|field| self.field_type(id, args, &field.ty, depth)).collect();
        types.iter().any(|ty| is_locked_option(ty) || self.is_empty_guard(ty, depth))
            && (types.iter().any(|ty| self.keeps_pool(ty, depth)) || self.has_lender(id, depth))
    }

    fn has_lender(&self, id: TypeId, depth: usize) -> bool {
        let impls = self.index.impls_of.get(&id).into_iter().flatten();
        let mut methods = impls.flat_map(|id| self.index.impl_info(*id).methods.values());
        methods.any(|id| self.lends_within(*id, depth))
    }

    /// Returns true for a method that waits, and then lends a connection out of `self`.
    pub(crate) fn lends(&self, id: FnId) -> bool {
        self.lends_within(id, MAX_DEPTH)
    }

    fn lends_within(&self, id: FnId, depth: usize) -> bool {
        let item = &self.index.function(id).item;
        let borrows = item.receiver.as_ref().is_some_and(|receiver| receiver.by_ref);
        let Some(returned) = item.ret.as_ref().filter(|_| item.is_async && borrows) else {
            return false;
        };
        let lent = match self.read_within(returned, &self.scope(id), depth) {
            Type::External { name, args } if name.ends_with("Result") => args.first().cloned(),
            ty => Some(ty),
        };
        lent.is_some_and(|ty| {
            matches!(ty, Type::Ref(_))
                && self.hold_within(&ty, depth).is_some_and(|hold| hold.certain)
        })
    }

    /// Returns true for a pool, and for a type of the workspace with a pool in it.
    fn keeps_pool(&self, ty: &Type, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let Type::Local(id, args) = ty else { return self.pool_within(ty, depth).is_some() };
        self.fields(*id)
            .any(|field| self.keeps_pool(&self.field_type(*id, args, &field.ty, depth), depth))
    }

    /// Returns the fields of a struct, or those of all variants of an enum.
    fn fields(&self, id: TypeId) -> impl Iterator<Item = &'a Field> {
        let (own, variants): (&[Field], &[_]) = match &self.index.type_info(id).item.kind {
            TypeKind::Struct(fields) => (fields, &[]),
            TypeKind::Enum(variants) => (&[], variants),
            TypeKind::Alias(_) => (&[], &[]),
        };
        own.iter().chain(variants.iter().flat_map(|(_, fields)| fields))
    }

    /// Returns true for an `Option` of a connection or a transaction.
    fn is_empty_guard(&self, ty: &Type, depth: usize) -> bool {
        match ty {
            Type::External { name, args } => {
                name == "Option" && args.iter().any(|ty| self.hold_within(ty, depth).is_some())
            }
            _ => false,
        }
    }

    /// Recognises a guard of a pool that is not known: it derefs to a connection, and gives something back when it
    /// is dropped, or has a type of another crate around the connection.
    pub(super) fn hold_of_own_guard(&self, id: TypeId, depth: usize) -> Option<Hold> {
        let TypeKind::Struct(fields) = &self.index.type_info(id).item.kind else { return None };
        let around = |ty: &Type| match ty {
            Type::External { name, args } if !transparent(name) => args
                .iter()
                .any(|arg| matches!(arg, Type::Lib(LibType { role, .. }) if is_connection(*role))),
            _ => false,
        };
        let gives_back = self.index.implements(id, "Drop")
            || fields.iter().any(|field| match &field.ty {
                Ty::Path(path) if path.last().contains("Permit") => true,
                ty => around(&self.field_type(id, &[], ty, depth)),
            });
        if !gives_back {
            return None;
        }
        match self.deref_target(id, depth)? {
            Type::Lib(LibType { role, library }) if is_connection(role) => {
                Some(hold_of_connection(library))
            }
            _ => None,
        }
    }

    pub(super) fn hold_of_bounds(&self, bounds: &[Bound]) -> Option<Hold> {
        for bound in bounds {
            match bound {
                Bound::Lib(LibType { role: Role::Executor, library }) => {
                    return Some(hold_of_executor(*library));
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
    pub(super) fn hold_of_trait(&self, id: TraitId, depth: usize) -> Option<Hold> {
        let info = self.index.trait_info(id);
        for path in &info.item.supertraits {
            if let Some(Def::External(full)) = self.index.resolve(info.module, &path.names)
                && let Some(LibType { role: Role::Executor, library }) = libraries::classify(&full)
            {
                return Some(hold_of_executor(library));
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
            match self.hold_within(&target, depth) {
                Some(found) => hold = hold.or(Some(found)),
                None if info.item.is_stand_in() => {}
                None => all = false,
            }
        }
        hold.map(|hold: Hold| Hold { certain: hold.certain && all, ..hold })
    }

    /// Returns true if the field's type can be `None`, so that it may hold nothing.
    pub(crate) fn is_optional(&self, ty: &Type) -> bool {
        self.is_optional_within(ty, MAX_DEPTH)
    }

    fn is_optional_within(&self, ty: &Type, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        match ty {
            Type::Ref(inner) => self.is_optional_within(inner, depth),
            Type::External { name, args } => {
                let within = |ty| self.is_optional_within(ty, depth);
                name == "Option" || (container(name) && args.first().is_some_and(within))
            }
            Type::Local(id, args) => {
                let mut fields = self.fields(*id);
                fields.any(|field| {
                    let ty = self.field_type(*id, args, &field.ty, MAX_DEPTH);
                    self.hold(&ty).is_some() && self.is_optional_within(&ty, depth)
                })
            }
            _ => false,
        }
    }
}

fn hold_of(found: LibType) -> Option<Hold> {
    let what = match found.role {
        Role::Connection => GuardKind::Connection,
        Role::Transaction => GuardKind::Transaction,
        Role::Pool | Role::RawConnection | Role::Client | Role::Executor => return None,
    };
    Some(Hold { what, ..hold_of_connection(found.library) })
}

fn hold_of_connection(library: Library) -> Hold {
    Hold { what: GuardKind::Connection, owned: true, certain: true, library: Some(library) }
}

/// Returns what the guard of a lock holds: a client or a connection of its own, which no one else can use.
fn hold_of_lock(name: &str, args: &[Type]) -> Option<Hold> {
    let locks =
        matches!(name, "MutexGuard" | "OwnedMutexGuard" | "RwLockReadGuard" | "RwLockWriteGuard");
    match args.first().filter(|_| locks)? {
        Type::Lib(LibType { role, library }) if is_connection(*role) => {
            Some(hold_of_connection(*library))
        }
        _ => None,
    }
}

fn is_connection(role: Role) -> bool {
    matches!(role, Role::Client | Role::RawConnection | Role::Connection)
}

/// Returns what an executor holds: a pool may be one, except with diesel-async. All of sqlx's are borrowed.
fn hold_of_executor(library: Library) -> Hold {
    let certain = library == Library::DieselAsync;
    let owned = library != Library::Sqlx;
    Hold { owned, certain, ..hold_of_connection(library) }
}

/// Returns true for `Mutex<Option<_>>`, also behind pointers.
fn is_locked_option(ty: &Type) -> bool {
    let Type::External { name, args } = ty else { return false };
    match (name.as_str(), args.first()) {
        ("Mutex" | "RwLock", Some(Type::External { name, .. })) => name == "Option",
        (name, Some(inner)) if transparent(name) => is_locked_option(inner),
        _ => false,
    }
}
