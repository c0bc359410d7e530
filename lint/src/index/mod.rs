//! The items of a whole workspace, and how paths resolve to them.

mod build;
mod link;
mod resolve;

use std::collections::{HashMap, HashSet};

use ustr::{Ustr, UstrMap};

use crate::syntax::{Function, Impl, Static, TraitDef, Ty, TypeDef, TypeKind};

macro_rules! id {
    ($($name:ident),*) => {$(
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) struct $name(pub u32);

        impl $name {
            pub(crate) fn at(position: usize) -> $name {
                $name(u32::try_from(position).unwrap_or(u32::MAX))
            }
        }
    )*};
}

id!(ModId, TypeId, TraitId, FnId, ImplId, StaticId, FileId);

#[derive(Debug, Default)]
pub(crate) struct Module {
    /// The position of its package.
    package: usize,
    parent: Option<ModId>,
    names: UstrMap<Named>,
    globs: Vec<Box<[Ustr]>>,
    /// The modules whose names come here by globs, also by theirs, in order, each with how near it is.
    through: Vec<(ModId, u32)>,
    /// The glob of a database library that a name which nothing declares may come from.
    database: Option<Box<[Ustr]>>,
    /// True for roots of `tests/`, `examples/` and `benches/`, where each file is a crate.
    loose: bool,
    /// True for a file that only tests have, by its declaration.
    test: bool,
}

/// All that has one name in a module.
#[derive(Debug, Default)]
struct Named {
    ty: Option<TypeId>,
    r#trait: Option<TraitId>,
    function: Option<FnId>,
    r#static: Option<StaticId>,
    module: Option<ModId>,
    /// The paths that `use` brings under this name.
    uses: Vec<Box<[Ustr]>>,
}

#[derive(Debug)]
pub(crate) struct FnInfo {
    pub file: FileId,
    pub module: ModId,
    pub owner: FnOwner,
    pub item: Function,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FnOwner {
    Free,
    Impl(ImplId),
    Trait(TraitId),
}

#[derive(Debug)]
pub(crate) struct TypeInfo {
    pub file: FileId,
    pub module: ModId,
    pub item: TypeDef,
}

#[derive(Debug)]
pub(crate) struct TraitInfo {
    pub module: ModId,
    pub item: TraitDef,
    pub methods: UstrMap<FnId>,
    pub impls: Vec<ImplId>,
}

#[derive(Debug)]
pub(crate) struct ImplInfo {
    pub module: ModId,
    pub item: Impl,
    /// The workspace's type it is for, if it is one.
    pub target: Option<TypeId>,
    pub methods: UstrMap<FnId>,
}

#[derive(Debug)]
pub(crate) struct StaticInfo {
    pub module: ModId,
    pub item: Static,
}

/// The item that a path names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Def {
    Mod(ModId),
    Type(TypeId),
    Trait(TraitId),
    Fn(FnId),
    Static(StaticId),
    /// A path into a crate outside of the workspace, or a name of the prelude.
    External(Vec<Ustr>),
}

/// The crates that a package knows.
#[derive(Debug, Default)]
struct Crates {
    /// The crates of the workspace that paths of the package begin with, its own included.
    roots: UstrMap<ModId>,
    /// The crates outside of the workspace that have another name in paths.
    renamed: UstrMap<Ustr>,
    /// The packages that it is built with, itself included.
    sees: HashSet<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Index {
    pub modules: Vec<Module>,
    pub functions: Vec<FnInfo>,
    pub types: Vec<TypeInfo>,
    pub traits: Vec<TraitInfo>,
    pub impls: Vec<ImplInfo>,
    pub statics: Vec<StaticInfo>,
    /// The roots of packages, and of their folders `tests` and the like, by that folder's name.
    roots: HashMap<(usize, String), ModId>,
    crates: Vec<Crates>,
    /// Methods of the workspace's types.
    methods: HashMap<(TypeId, Ustr), Vec<FnId>>,
    /// Methods that traits of the workspace give to types from outside.
    extensions: UstrMap<Vec<FnId>>,
    /// All methods by name.
    by_name: UstrMap<Vec<FnId>>,
    /// The implementations of a type, traits' included.
    pub impls_of: HashMap<TypeId, Vec<ImplId>>,
    types_by_name: UstrMap<Vec<TypeId>>,
    /// The modules that declare or import a name.
    declarers: UstrMap<Vec<ModId>>,
}

impl Index {
    pub(crate) fn function(&self, id: FnId) -> &FnInfo {
        &self.functions[id.0 as usize]
    }

    /// Returns true if a module declares or imports a name, and does not only have it by a glob.
    pub(crate) fn declares(&self, module: ModId, name: Ustr) -> bool {
        self.modules[module.0 as usize].names.contains_key(&name)
    }

    pub(crate) fn type_info(&self, id: TypeId) -> &TypeInfo {
        &self.types[id.0 as usize]
    }

    /// Returns true for a struct without fields, whose name is its value.
    pub(crate) fn is_unit(&self, id: TypeId) -> bool {
        matches!(&self.type_info(id).item.kind, TypeKind::Struct(fields) if fields.is_empty())
    }

    pub(crate) fn trait_info(&self, id: TraitId) -> &TraitInfo {
        &self.traits[id.0 as usize]
    }

    pub(crate) fn impl_info(&self, id: ImplId) -> &ImplInfo {
        &self.impls[id.0 as usize]
    }

    /// Returns the methods of that name of a type, its traits' included.
    pub(crate) fn methods(&self, ty: TypeId, name: Ustr) -> &[FnId] {
        self.methods.get(&(ty, name)).map_or(&[], Vec::as_slice)
    }

    /// Returns a trait's method, and every implementation of it outside of tests.
    pub(crate) fn trait_methods(&self, id: TraitId, name: Ustr) -> Vec<FnId> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        self.collect_trait_methods(id, name, &mut seen, &mut found);
        found
    }

    /// Returns true for a trait's method without a body that has one in an implementation, which a call may mean as well.
    pub(crate) fn is_declaration(&self, id: FnId) -> bool {
        let info = self.function(id);
        let FnOwner::Trait(of) = info.owner else { return false };
        let has_body = |id: &FnId| self.function(*id).item.has_body;
        !info.item.has_body && self.trait_methods(of, info.item.name).iter().any(has_body)
    }

    fn collect_trait_methods(
        &self,
        id: TraitId,
        name: Ustr,
        seen: &mut HashSet<TraitId>,
        found: &mut Vec<FnId>,
    ) {
        if !seen.insert(id) || seen.len() > 16 {
            return;
        }
        let info = self.trait_info(id);
        if let Some(method) = info.methods.get(&name) {
            found.push(*method);
            let impls = info.impls.iter().map(|id| self.impl_info(*id));
            let (stand_ins, real): (Vec<_>, Vec<_>) =
                impls.filter(|info| !info.item.test).partition(|info| info.item.is_stand_in());
            let in_memory = stand_ins.into_iter().filter(|info| !info.item.is_fake());
            let own = real.iter().filter_map(|info| info.methods.get(&name)).count();
            let counted = real.into_iter().chain(in_memory.filter(|_| own == 0));
            found.extend(counted.filter_map(|info| info.methods.get(&name)));
        }
        for path in &info.item.supertraits {
            if let Some(Def::Trait(above)) = self.resolve(info.module, &path.names) {
                self.collect_trait_methods(above, name, seen, found);
            }
        }
    }

    /// Returns true if a type implements a trait of that name.
    pub(crate) fn implements(&self, ty: TypeId, name: &str) -> bool {
        self.impls_of.get(&ty).into_iter().flatten().any(|id| {
            let path = self.impl_info(*id).item.trait_path.as_ref();
            path.is_some_and(|path| path.last() == name)
        })
    }

    /// Returns an associated type of a type's implementations, with the module it is written in.
    pub(crate) fn assoc(&self, ty: TypeId, name: &str) -> Option<(&Ty, ImplId)> {
        self.assocs(ty, name).next()
    }

    /// Returns the associated types of that name of all of a type's implementations.
    pub(crate) fn assocs(&self, ty: TypeId, name: &str) -> impl Iterator<Item = (&Ty, ImplId)> {
        self.impls_of.get(&ty).into_iter().flatten().filter_map(move |id| {
            let mut assoc = self.impl_info(*id).item.assoc.iter();
            assoc.find(|(found, _)| *found == name).map(|(_, ty)| (ty, *id))
        })
    }

    /// Returns the only type of that name in the packages that a module's is built with.
    pub(crate) fn only_type(&self, from: ModId, name: Ustr) -> Option<TypeId> {
        let named = self.types_by_name.get(&name)?.iter();
        let mut seen = named.filter(|id| self.sees(from, self.type_info(**id).module));
        seen.next().filter(|_| seen.next().is_none()).copied()
    }

    /// Returns the methods of a name that traits give to types from outside, as far as a module's package sees them.
    pub(crate) fn extensions(&self, from: ModId, name: Ustr) -> Vec<FnId> {
        self.seen(from, self.extensions.get(&name))
    }

    /// Returns all methods of a name, as far as a module's package sees them.
    pub(crate) fn methods_named(&self, from: ModId, name: Ustr) -> Vec<FnId> {
        self.seen(from, self.by_name.get(&name))
    }

    fn seen(&self, from: ModId, found: Option<&Vec<FnId>>) -> Vec<FnId> {
        let found = found.into_iter().flatten();
        found.filter(|id| self.sees(from, self.function(**id).module)).copied().collect()
    }

    /// Returns true if a module's package is built with that of another module.
    fn sees(&self, from: ModId, other: ModId) -> bool {
        let package = |id: ModId| self.modules[id.0 as usize].package;
        self.crates[package(from)].sees.contains(&package(other))
    }
}
