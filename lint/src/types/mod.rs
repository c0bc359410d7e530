//! Types as the audit sees them, and which of them hold a connection.

mod fields;
mod generic_impls;
mod holds;
mod pools;
mod read;
mod wrappers;

use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use ustr::Ustr;

use crate::findings::GuardKind;
use crate::index::{FnId, FnOwner, ImplId, Index, ModId, TraitId, TypeId};
use crate::libraries::{LibType, Library};
use crate::syntax::Generic;

pub(crate) use wrappers::transparent;

/// How deep types are looked into.
const MAX_DEPTH: usize = 8;

/// How often associated types are read at least, because one may name another.
const MIN_ROUNDS: usize = 2;

/// How often what types hold is worked out anew from what their fields hold.
const MAX_ROUNDS: usize = 8;

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

/// The connection that a type holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub what: GuardKind,
    /// False for a borrowed one.
    pub owned: bool,
    /// False if only some values of the type hold a connection.
    pub certain: bool,
    pub library: Option<Library>,
}

impl Hold {
    /// A value that a caller may have given a connection.
    pub(crate) const UNCERTAIN: Hold =
        Hold { what: GuardKind::Connection, owned: true, certain: false, library: None };

    /// A transaction that a closure is lent.
    pub(crate) const TRANSACTION: Hold =
        Hold { what: GuardKind::Transaction, owned: false, certain: true, library: None };
}

/// Types and functions of an index, as seen from one place.
#[derive(Clone)]
pub(crate) struct Scope<'a> {
    pub module: ModId,
    pub generics: Vec<&'a [Generic]>,
    pub owner: FnOwner,
    /// The type that `Self` is, if more is known of it than its `impl` says.
    pub this: Option<Type>,
}

pub(crate) struct Types<'a> {
    pub index: &'a Index,
    guard_names: &'a [String],
    pool_names: &'a [String],
    /// The holds of the workspace's types, by their fields.
    holds: Vec<Option<Hold>>,
    /// The holds of each trait's implementors.
    trait_holds: Vec<Option<Hold>>,
    /// The associated types of each trait, by their implementations.
    assocs: Vec<Vec<(Ustr, Type)>>,
    /// The types of each function's signature, read when they are first asked for.
    signatures: Vec<OnceLock<Signature>>,
}

struct Signature {
    params: Vec<Type>,
    returned: Type,
}

impl<'a> Types<'a> {
    pub(crate) fn new(
        index: &'a Index,
        guard_names: &'a [String],
        pool_names: &'a [String],
    ) -> Types<'a> {
        let holds = vec![None; index.types.len()];
        let trait_holds = vec![None; index.traits.len()];
        let signatures =
            std::iter::repeat_with(OnceLock::new).take(index.functions.len()).collect();
        let assocs = vec![Vec::new(); index.traits.len()];
        let mut types =
            Types { index, guard_names, pool_names, holds, trait_holds, assocs, signatures };
        for round in 0..MAX_ROUNDS {
            types.assocs = (0..index.traits.len())
                .into_par_iter()
                .map(|at| types.assocs_of(TraitId::at(at)))
                .collect();
            let holds: Vec<Option<Hold>> = (0..index.types.len())
                .into_par_iter()
                .map(|at| types.hold_of_local(TypeId::at(at), &[], MAX_DEPTH))
                .collect();
            let trait_holds: Vec<Option<Hold>> = (0..index.traits.len())
                .into_par_iter()
                .map(|at| types.hold_of_trait(TraitId::at(at), MAX_DEPTH))
                .collect();
            let settled = holds == types.holds && trait_holds == types.trait_holds;
            if settled && round >= MIN_ROUNDS {
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
        Scope { module: info.module, generics, owner: info.owner, this: None }
    }

    fn impl_scope(&self, id: ImplId) -> Scope<'a> {
        let info = self.index.impl_info(id);
        Scope {
            module: info.module,
            generics: vec![&info.item.generics],
            owner: FnOwner::Impl(id),
            this: None,
        }
    }

    /// Returns the type of `self` in a function, without its reference.
    pub(crate) fn self_type(&self, scope: &Scope<'a>) -> Type {
        if let Some(this) = &scope.this {
            return this.clone();
        }
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
    pub(crate) fn returned(&self, id: FnId) -> &Type {
        &self.signature(id).returned
    }

    pub(crate) fn params(&self, id: FnId) -> &[Type] {
        &self.signature(id).params
    }

    fn signature(&self, id: FnId) -> &Signature {
        self.signatures[id.0 as usize].get_or_init(|| {
            let scope = self.scope(id);
            let item = &self.index.function(id).item;
            Signature {
                params: item.params.iter().map(|param| self.read(&param.ty, &scope)).collect(),
                returned: item.ret.as_ref().map_or(Type::Unit, |ty| self.read(ty, &scope)),
            }
        })
    }
}
