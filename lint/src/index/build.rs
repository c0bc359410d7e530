//! Sorts the items of all files into modules.

use ustr::{Ustr, UstrMap, ustr};

use super::{
    Crates, FileId, FnId, FnInfo, FnOwner, ImplId, ImplInfo, Index, ModId, Module, Named, StaticId,
    StaticInfo, TraitId, TraitInfo, TypeId, TypeInfo,
};
use crate::discover::Found;
use crate::source::SourceFile;
use crate::syntax::{Items, ModulePath, Owner, TyPath, Use};

/// The root of a package's own modules.
const SOURCE: &str = "";

impl Index {
    /// Builds the index of all files.
    pub(crate) fn build(found: &Found, files: &[SourceFile], items: Vec<(FileId, Items)>) -> Index {
        let mut index = Index::default();
        let mut pending = Vec::new();
        for (file, items) in items {
            let source = &files[file.0 as usize];
            let module = index.file_module(found, source);
            index.add(file, module, items, &mut pending);
        }
        index.link_packages(found);
        index.mark_tests();
        index.link_globs();
        index.link(pending);
        index
    }

    fn root(&mut self, package: usize, aside: String) -> ModId {
        let id = ModId::at(self.modules.len());
        let loose = aside != SOURCE;
        let root = *self.roots.entry((package, aside)).or_insert(id);
        if root == id {
            self.modules.push(Module { package, loose, ..Module::default() });
        }
        root
    }

    /// Lets paths of each package begin with its own name and those of its dependencies.
    fn link_packages(&mut self, found: &Found) {
        let in_path = |name: &str| ustr(&name.replace('-', "_"));
        let root = |package: usize| self.roots.get(&(package, SOURCE.to_owned())).copied();
        let mut crates = Vec::new();
        for (at, package) in found.packages.iter().enumerate() {
            let mut known = Crates::default();
            known.roots.extend(root(at).map(|root| (ustr(&package.crate_name), root)));
            for (used, other) in found.dependencies(at) {
                let renamed = used.name != used.package;
                match other {
                    Some(other) => {
                        let own =
                            if renamed { &used.name } else { &found.packages[other].crate_name };
                        known.sees.insert(other);
                        if let Some(root) = root(other) {
                            known.roots.entry(in_path(own)).or_insert(root);
                        }
                    }
                    None if renamed => {
                        known.renamed.insert(in_path(&used.name), in_path(&used.package));
                    }
                    None => {}
                }
            }
            crates.push(known);
        }
        let direct: Vec<Vec<usize>> =
            crates.iter().map(|known| known.sees.iter().copied().collect()).collect();
        for (at, known) in crates.iter_mut().enumerate() {
            let mut open = vec![at];
            while let Some(next) = open.pop() {
                open.extend(direct[next].iter().filter(|other| !known.sees.contains(other)));
                known.sees.insert(next);
                known.sees.extend(&direct[next]);
            }
        }
        self.crates = crates;
    }

    fn child(&mut self, parent: ModId, name: Ustr) -> ModId {
        let id = ModId::at(self.modules.len());
        let child = *self.named(parent, name).module.get_or_insert(id);
        if child == id {
            let package = self.modules[parent.0 as usize].package;
            self.modules.push(Module { package, parent: Some(parent), ..Module::default() });
        }
        child
    }

    fn named(&mut self, module: ModId, name: Ustr) -> &mut Named {
        self.modules[module.0 as usize].names.entry(name).or_default()
    }

    /// Returns the module of a file, by where it lies in its package.
    fn file_module(&mut self, found: &Found, source: &SourceFile) -> ModId {
        let package = &found.packages[source.package];
        let beside = source.path.strip_prefix(&package.directory).unwrap_or(&source.path);
        let inside = source.path.strip_prefix(&package.source).ok().filter(|_| !source.aside);
        let mut names: Vec<String> = inside
            .unwrap_or(beside)
            .with_extension("")
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        let root = match inside {
            Some(_) => self.root(source.package, SOURCE.to_owned()),
            None => {
                let aside = if names.len() > 1 { names.remove(0) } else { String::new() };
                self.root(source.package, format!("/{aside}"))
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
        for path in &items.modules {
            self.inline(module, path);
        }
        for path in &items.test_modules {
            let id = self.inline(module, path);
            self.modules[id.0 as usize].test = true;
        }
        for Use { module: path, name, target } in items.uses {
            let id = self.inline(module, &path);
            match name {
                Some(name) => self.named(id, name).uses.push(target),
                None => self.modules[id.0 as usize].globs.push(target),
            }
        }
        for item in items.types {
            let id = TypeId::at(self.types.len());
            let module = self.inline(module, &item.module);
            self.named(module, item.name).ty = Some(id);
            self.types_by_name.entry(item.name).or_default().push(id);
            self.types.push(TypeInfo { file, module, item });
        }
        let first_trait = self.traits.len();
        for item in items.traits {
            let id = TraitId::at(self.traits.len());
            let module = self.inline(module, &item.module);
            self.named(module, item.name).r#trait = Some(id);
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
            self.named(module, item.name).r#static = Some(id);
            self.statics.push(StaticInfo { module, item });
        }
        for item in items.functions {
            let id = FnId::at(self.functions.len());
            let in_module = self.inline(module, &item.module);
            let owner = match item.owner {
                Owner::None => {
                    self.named(in_module, item.name).function = Some(id);
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
}
