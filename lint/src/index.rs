//! The items of a whole workspace, and how paths resolve to them.

use std::collections::{HashMap, HashSet};

use ustr::{Ustr, UstrMap, ustr};

use crate::discover::Package;
use crate::source::SourceFile;
use crate::syntax::{
    Function, Impl, Items, ModulePath, Owner, Static, TraitDef, Ty, TyPath, TypeDef, TypeKind, Use,
};

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

/// The depth to which `use` declarations are followed.
const MAX_DEPTH: usize = 12;

#[derive(Debug, Default)]
pub(crate) struct Module {
    parent: Option<ModId>,
    children: UstrMap<ModId>,
    types: UstrMap<TypeId>,
    traits: UstrMap<TraitId>,
    functions: UstrMap<FnId>,
    statics: UstrMap<StaticId>,
    uses: UstrMap<Vec<Box<[Ustr]>>>,
    globs: Vec<Box<[Ustr]>>,
    /// True for roots of `tests/`, `examples/` and `benches/`, where each file is a crate.
    loose: bool,
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

#[derive(Debug, Default)]
pub(crate) struct Index {
    pub modules: Vec<Module>,
    pub functions: Vec<FnInfo>,
    pub types: Vec<TypeInfo>,
    pub traits: Vec<TraitInfo>,
    pub impls: Vec<ImplInfo>,
    pub statics: Vec<StaticInfo>,
    roots: UstrMap<ModId>,
    /// Methods of the workspace's types.
    methods: HashMap<(TypeId, Ustr), Vec<FnId>>,
    /// Methods that traits of the workspace give to types from outside.
    pub extensions: UstrMap<Vec<FnId>>,
    /// All methods by name.
    pub by_name: UstrMap<Vec<FnId>>,
    /// The implementations of a type, traits' included.
    pub impls_of: HashMap<TypeId, Vec<ImplId>>,
    types_by_name: UstrMap<Vec<TypeId>>,
}

impl Index {
    /// Builds the index of all files.
    pub(crate) fn build(
        packages: &[Package],
        files: &[SourceFile],
        items: Vec<(FileId, Items)>,
    ) -> Index {
        let mut index = Index::default();
        let mut pending = Vec::new();
        for (file, items) in items {
            let source = &files[file.0 as usize];
            let module = index.file_module(&packages[source.package], source);
            index.add(file, module, items, &mut pending);
        }
        index.link(pending);
        index
    }

    fn root(&mut self, name: Ustr, loose: bool) -> ModId {
        if let Some(id) = self.roots.get(&name) {
            return *id;
        }
        let id = ModId::at(self.modules.len());
        self.modules.push(Module { loose, ..Module::default() });
        self.roots.insert(name, id);
        id
    }

    fn child(&mut self, parent: ModId, name: Ustr) -> ModId {
        if let Some(id) = self.modules[parent.0 as usize].children.get(&name) {
            return *id;
        }
        let id = ModId::at(self.modules.len());
        self.modules.push(Module { parent: Some(parent), ..Module::default() });
        self.modules[parent.0 as usize].children.insert(name, id);
        id
    }

    /// Returns the module of a file, by where it lies in its package.
    fn file_module(&mut self, package: &Package, source: &SourceFile) -> ModId {
        let relative = source.path.strip_prefix(&package.directory).unwrap_or(&source.path);
        let mut names: Vec<String> = relative
            .with_extension("")
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let in_source = names.first().is_some_and(|first| first == "src");
        if in_source {
            names.remove(0);
        }
        let root = match in_source {
            true => self.root(ustr(&package.crate_name), false),
            false => {
                let aside = if names.len() > 1 { names.remove(0) } else { String::new() };
                self.root(ustr(&format!("{}#{aside}", package.crate_name)), true)
            }
        };
        match names.last().map(String::as_str) {
            Some("mod") => drop(names.pop()),
            Some("lib" | "main") if names.len() == 1 => names.clear(),
            _ => {}
        }
        names.iter().fold(root, |module, name| self.child(module, ustr(name)))
    }

    fn inline(&mut self, file: ModId, path: &ModulePath) -> ModId {
        path.iter().fold(file, |module, name| self.child(module, *name))
    }

    fn add(
        &mut self,
        file: FileId,
        module: ModId,
        items: Items,
        pending: &mut Vec<(ImplId, TyPath)>,
    ) {
        for inline in &items.modules {
            self.inline(module, &inline.path);
        }
        for Use { module: path, name, target } in items.uses {
            let id = self.inline(module, &path);
            let module = &mut self.modules[id.0 as usize];
            match name {
                Some(name) => module.uses.entry(name).or_default().push(target),
                None => module.globs.push(target),
            }
        }
        for item in items.types {
            let id = TypeId::at(self.types.len());
            let module = self.inline(module, &item.module);
            self.modules[module.0 as usize].types.insert(item.name, id);
            self.types_by_name.entry(item.name).or_default().push(id);
            self.types.push(TypeInfo { module, item });
        }
        let first_trait = self.traits.len();
        for item in items.traits {
            let id = TraitId::at(self.traits.len());
            let module = self.inline(module, &item.module);
            self.modules[module.0 as usize].traits.insert(item.name, id);
            let (methods, impls) = Default::default();
            self.traits.push(TraitInfo { module, item, methods, impls });
        }
        let first_impl = self.impls.len();
        for item in items.impls {
            let id = ImplId::at(self.impls.len());
            let module = self.inline(module, &item.module);
            if let Some(path) = item.trait_path.clone() {
                pending.push((id, path));
            }
            self.impls.push(ImplInfo { module, item, target: None, methods: UstrMap::default() });
        }
        for item in items.statics {
            let id = StaticId::at(self.statics.len());
            let module = self.inline(module, &item.module);
            self.modules[module.0 as usize].statics.insert(item.name, id);
            self.statics.push(StaticInfo { module, item });
        }
        for item in items.functions {
            let id = FnId::at(self.functions.len());
            let in_module = self.inline(module, &item.module);
            let owner = match item.owner {
                Owner::None => {
                    self.modules[in_module.0 as usize].functions.insert(item.name, id);
                    FnOwner::Free
                }
                Owner::Impl(position) => {
                    self.impls[first_impl + position].methods.insert(item.name, id);
                    FnOwner::Impl(ImplId::at(first_impl + position))
                }
                Owner::Trait(position) => {
                    self.traits[first_trait + position].methods.insert(item.name, id);
                    FnOwner::Trait(TraitId::at(first_trait + position))
                }
            };
            self.functions.push(FnInfo { file, module: in_module, owner, item });
        }
    }

    /// Connects implementations with their types and traits.
    fn link(&mut self, pending: Vec<(ImplId, TyPath)>) {
        let traits: HashMap<ImplId, Option<TraitId>> = pending
            .into_iter()
            .map(|(id, path)| {
                let module = self.impls[id.0 as usize].module;
                let found = match self.resolve(module, &path.names) {
                    Some(Def::Trait(found)) => Some(found),
                    _ => None,
                };
                (id, found)
            })
            .collect();
        for position in 0..self.impls.len() {
            let id = ImplId::at(position);
            let target = self.impl_target(id);
            self.impls[position].target = target;
            let methods: Vec<(Ustr, FnId)> =
                self.impls[position].methods.iter().map(|(name, id)| (*name, *id)).collect();
            if let Some(target) = target {
                self.impls_of.entry(target).or_default().push(id);
            }
            for (name, method) in methods {
                match target {
                    Some(target) => self.methods.entry((target, name)).or_default().push(method),
                    None => self.extensions.entry(name).or_default().push(method),
                }
            }
            if let Some(Some(implemented)) = traits.get(&id) {
                self.traits[implemented.0 as usize].impls.push(id);
            }
        }
        for position in 0..self.functions.len() {
            let function = &self.functions[position];
            if function.owner != FnOwner::Free {
                self.by_name.entry(function.item.name).or_default().push(FnId::at(position));
            }
        }
    }

    fn impl_target(&self, id: ImplId) -> Option<TypeId> {
        let info = &self.impls[id.0 as usize];
        let mut ty = &info.item.self_ty;
        while let Ty::Ref(inner) = ty {
            ty = inner;
        }
        let Ty::Path(path) = ty else { return None };
        match self.resolve(info.module, &path.names) {
            Some(Def::Type(id)) => match &self.types[id.0 as usize].item.kind {
                TypeKind::Alias(_) => None,
                _ => Some(id),
            },
            _ => None,
        }
    }

    pub(crate) fn function(&self, id: FnId) -> &FnInfo {
        &self.functions[id.0 as usize]
    }

    pub(crate) fn type_info(&self, id: TypeId) -> &TypeInfo {
        &self.types[id.0 as usize]
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
            for implementation in &info.impls {
                let implementation = self.impl_info(*implementation);
                if !implementation.item.test {
                    found.extend(implementation.methods.get(&name));
                }
            }
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
        self.impls_of.get(&ty)?.iter().find_map(|id| {
            let assoc = self.impl_info(*id).item.assoc.iter();
            assoc.clone().find(|(found, _)| *found == name).map(|(_, ty)| (ty, *id))
        })
    }

    /// Returns what a path names, seen from a module.
    pub(crate) fn resolve(&self, module: ModId, path: &[Ustr]) -> Option<Def> {
        self.resolve_within(module, path, MAX_DEPTH)
    }

    fn resolve_within(&self, module: ModId, path: &[Ustr], depth: usize) -> Option<Def> {
        let depth = depth.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            "crate" => Some(Def::Mod(self.root_of(module))),
            "self" => Some(Def::Mod(module)),
            "super" => Some(Def::Mod(self.modules[module.0 as usize].parent.unwrap_or(module))),
            _ => self.lookup(module, *first, depth),
        };
        let start = match start {
            Some(found) => found,
            None => match self.roots.get(first) {
                Some(root) if !rest.is_empty() => Def::Mod(*root),
                _ => self.outside(module, *first),
            },
        };
        self.descend(start, rest, depth)
    }

    fn descend(&self, start: Def, rest: &[Ustr], depth: usize) -> Option<Def> {
        let Some((next, after)) = rest.split_first() else { return Some(start) };
        match start {
            Def::Mod(module) if next.as_str() == "super" => {
                let parent = self.modules[module.0 as usize].parent.unwrap_or(module);
                self.descend(Def::Mod(parent), after, depth)
            }
            Def::Mod(module) => {
                let found = self.lookup(module, *next, depth)?;
                self.descend(found, after, depth)
            }
            Def::External(mut path) => {
                path.extend(rest);
                Some(Def::External(path))
            }
            // `Type::method`, `Enum::Variant`: the caller looks inside.
            Def::Type(_) | Def::Trait(_) => None,
            Def::Fn(_) | Def::Static(_) => None,
        }
    }

    /// Finds a name declared in a module or brought there by `use`.
    fn lookup(&self, id: ModId, name: Ustr, depth: usize) -> Option<Def> {
        let depth = depth.checked_sub(1)?;
        let module = &self.modules[id.0 as usize];
        if let Some(found) = module.types.get(&name) {
            return Some(Def::Type(*found));
        }
        if let Some(found) = module.traits.get(&name) {
            return Some(Def::Trait(*found));
        }
        if let Some(targets) = module.uses.get(&name) {
            let mut found = targets.iter().filter_map(|target| self.used(id, target, name, depth));
            let first = found.next();
            if let Some(Def::External(_)) | None = first
                && let Some(better) = found.find(|def| !matches!(def, Def::External(_)))
            {
                return Some(better);
            }
            if first.is_some() {
                return first;
            }
        }
        if let Some(found) = module.functions.get(&name) {
            return Some(Def::Fn(*found));
        }
        if let Some(found) = module.statics.get(&name) {
            return Some(Def::Static(*found));
        }
        if let Some(found) = module.children.get(&name) {
            return Some(Def::Mod(*found));
        }
        for glob in &module.globs {
            match self.resolve_glob(id, glob, depth) {
                Some(Def::Mod(target)) if target != id => {
                    if let Some(found) = self.lookup(target, name, depth) {
                        return Some(found);
                    }
                }
                _ => {}
            }
        }
        if let Some(parent) = module.parent {
            let above = &self.modules[parent.0 as usize];
            if above.loose && above.children.contains_key(&name) {
                return above.children.get(&name).map(|found| Def::Mod(*found));
            }
        }
        None
    }

    fn used(&self, module: ModId, target: &[Ustr], name: Ustr, depth: usize) -> Option<Def> {
        // `use x;` and `use x as y;` of a crate must not look up themselves.
        if target.len() == 1 && target[0] == name {
            return match self.roots.get(&name) {
                Some(root) => Some(Def::Mod(*root)),
                None => Some(Def::External(target.to_vec())),
            };
        }
        let first = *target.first()?;
        let own = matches!(first.as_str(), "crate" | "self" | "super");
        let declared = &self.modules[module.0 as usize];
        if !own && first != name && !declared.children.contains_key(&first) {
            if let Some(root) = self.roots.get(&first) {
                return self.descend(Def::Mod(*root), &target[1..], depth);
            }
            if !declared.types.contains_key(&first) && !declared.uses.contains_key(&first) {
                let through_glob = declared.globs.iter().find_map(|glob| {
                    match self.resolve_glob(module, glob, depth) {
                        Some(Def::Mod(from)) if from != module => self.lookup(from, first, depth),
                        _ => None,
                    }
                });
                return match through_glob {
                    Some(found) => self.descend(found, &target[1..], depth),
                    None => Some(Def::External(target.to_vec())),
                };
            }
        }
        if first == name && !own {
            return match self.roots.get(&first) {
                Some(root) => self.descend(Def::Mod(*root), &target[1..], depth),
                None => match declared.children.get(&first) {
                    Some(child) => self.descend(Def::Mod(*child), &target[1..], depth),
                    None => Some(Def::External(target.to_vec())),
                },
            };
        }
        self.resolve_within(module, target, depth)
    }

    fn resolve_glob(&self, module: ModId, glob: &[Ustr], depth: usize) -> Option<Def> {
        let first = glob.first()?;
        let own = matches!(first.as_str(), "crate" | "self" | "super");
        let declared = &self.modules[module.0 as usize];
        if own || declared.children.contains_key(first) || declared.uses.contains_key(first) {
            return self.resolve_within(module, glob, depth);
        }
        let root = self.roots.get(first)?;
        self.descend(Def::Mod(*root), &glob[1..], depth)
    }

    /// Returns a name that nothing in the workspace declares, with a glob of another crate it may come from.
    fn outside(&self, module: ModId, name: Ustr) -> Def {
        let mut at = Some(module);
        let mut depth = 0;
        while let Some(id) = at {
            let declared = &self.modules[id.0 as usize];
            for glob in &declared.globs {
                let Some(first) = glob.first() else { continue };
                let inside = matches!(first.as_str(), "crate" | "self" | "super")
                    || declared.children.contains_key(first)
                    || self.roots.contains_key(first);
                if !inside && database_crate(first) {
                    let mut path = glob.to_vec();
                    path.push(name);
                    return Def::External(path);
                }
                if first.as_str() == "super" && depth == 0 {
                    at = declared.parent;
                }
            }
            depth += 1;
            if depth > 2 || at == Some(id) {
                break;
            }
        }
        Def::External(vec![name])
    }

    pub(crate) fn root_of(&self, module: ModId) -> ModId {
        let mut at = module;
        while let Some(parent) = self.modules[at.0 as usize].parent {
            if self.modules[parent.0 as usize].loose {
                return at;
            }
            at = parent;
        }
        at
    }

    /// Returns the only type of that name in the workspace.
    pub(crate) fn only_type(&self, name: Ustr) -> Option<TypeId> {
        match self.types_by_name.get(&name).map(Vec::as_slice) {
            Some([only]) => Some(*only),
            _ => None,
        }
    }
}

fn database_crate(name: &str) -> bool {
    [
        "sqlx",
        "sea_orm",
        "diesel_async",
        "deadpool",
        "deadpool_postgres",
        "bb8",
        "bb8_postgres",
        "tokio_postgres",
        "loco_rs",
        "mobc",
        "rocket_db_pools",
    ]
    .contains(&name)
}
