//! No two files of a crate import each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Item, ItemMod, Lit, Meta, UseTree, Visibility};

/// The roots of the crates that hold to it.
const ROOTS: [&str; 6] = [
    "gateway/src/lib.rs", "lint/src/lib.rs", "macros/src/lib.rs", "mutations/src/main.rs",
    "runtime/src/lib.rs", "sizing/src/lib.rs",
];

#[test]
fn no_two_files_import_each_other() {
    let mut wrong = Vec::new();
    for root in ROOTS {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root);
        wrong.extend(Crate::read(&root).mutual_imports());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names from the root of a crate to a module or an item.
type Names = Vec<String>;

#[derive(Default)]
struct Crate {
    /// The file of each module.
    modules: BTreeMap<Names, PathBuf>,
    /// The items that modules re-export, with their origins.
    exports: BTreeMap<Names, Names>,
    /// The paths that each module names, resolved to the root of the crate.
    named: BTreeMap<Names, BTreeSet<Names>>,
}

impl Crate {
    fn read(root: &Path) -> Crate {
        let mut krate = Crate::default();
        krate.read_module(Vec::new(), root, true);
        krate
    }

    fn read_module(&mut self, module: Names, file: &Path, is_root: bool) {
        let source = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        let items = syn::parse_file(&source).unwrap().items;
        self.modules.insert(module.clone(), file.to_owned());
        self.read_items(&module, &items, file, is_root || file.ends_with("mod.rs"));
    }

    fn read_items(&mut self, module: &Names, items: &[Item], file: &Path, owns_folder: bool) {
        let folder = if owns_folder { file.parent().unwrap() } else { &file.with_extension("") };
        let children = items.iter().filter_map(|item| match item {
            Item::Mod(child) if !is_test(&child.attrs) => Some(child),
            _ => None,
        });
        for child in children.clone().filter(|child| child.content.is_none()) {
            let name = child.ident.to_string();
            let candidates = [folder.join(format!("{name}.rs")), folder.join(&name).join("mod.rs")];
            let file = match path_attribute(child) {
                Some(path) => file.parent().unwrap().join(path),
                None => candidates.into_iter().find(|file| file.exists()).expect(&name),
            };
            self.read_module(extend(module, &name), &file, false);
        }
        for child in children {
            if let Some((_, items)) = &child.content {
                let inner = extend(module, &child.ident.to_string());
                self.modules.insert(inner.clone(), file.to_owned());
                self.read_items(&inner, items, file, owns_folder);
            }
        }
        let mut paths = Paths { krate: self, module };
        items.iter().for_each(|item| paths.visit_item(item));
    }

    /// Resolves the names of a path in `module`; `None` if they begin in another crate.
    fn resolve(&self, module: &Names, names: &[String]) -> Option<Names> {
        let mut at = module.clone();
        let mut rest = names;
        match names.first()?.as_str() {
            "crate" => (at, rest) = (Vec::new(), &names[1..]),
            "self" => rest = &names[1..],
            "super" => {
                while rest.first().is_some_and(|name| name == "super") {
                    at.pop()?;
                    rest = &rest[1..];
                }
            }
            child if self.modules.contains_key(&extend(module, child)) => {}
            _ => return None,
        }
        Some(at.into_iter().chain(rest.iter().cloned()).collect())
    }

    /// The file that defines the item of these names.
    fn origin(&self, names: &Names) -> Option<&Path> {
        let prefixes = (1..=names.len()).map(|length| &names[..length]);
        // A module may have the name of an item that it exports.
        for exported in prefixes.filter(|prefix| !self.modules.contains_key(*prefix)) {
            if let Some(origin) = self.exports.get(exported) {
                return self.origin(&[origin, &names[exported.len()..]].concat());
            }
        }
        let module = (0..=names.len()).rev().map(|length| &names[..length]);
        module.filter_map(|module| self.modules.get(module)).next().map(PathBuf::as_path)
    }

    fn mutual_imports(&self) -> Vec<String> {
        let mut imports = BTreeSet::new();
        for (module, named) in &self.named {
            let from = self.modules[module].as_path();
            imports
                .extend(named.iter().filter_map(|names| self.origin(names)).map(|to| (from, to)));
        }
        let mutual = imports.iter().filter(|(from, to)| from < to && imports.contains(&(to, from)));
        mutual
            .map(|(a, b)| format!("{} and {} import each other", a.display(), b.display()))
            .collect()
    }
}

/// Collects the paths in the items of one module.
struct Paths<'c> {
    krate: &'c mut Crate,
    module: &'c Names,
}

impl Paths<'_> {
    fn name(&mut self, names: &[String]) {
        if let Some(names) = self.krate.resolve(self.module, names) {
            self.krate.named.entry(self.module.clone()).or_default().insert(names);
        }
    }

    fn export(&mut self, name: &str, names: &[String]) {
        if let Some(origin) = self.krate.resolve(self.module, names) {
            self.krate.exports.insert(extend(self.module, name), origin);
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    /// Modules are read by themselves.
    fn visit_item_mod(&mut self, _: &'ast ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let private = matches!(item.vis, Visibility::Inherited);
        for (names, renamed) in leaves(&item.tree) {
            if private {
                self.name(&names);
            } else {
                self.export(&renamed, &names);
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.name(&names);
        }
        visit::visit_path(self, path);
    }
}

/// The paths of a `use`, each with the name that it brings into scope.
fn leaves(tree: &UseTree) -> Vec<(Names, String)> {
    match tree {
        UseTree::Name(name) => vec![(vec![name.ident.to_string()], name.ident.to_string())],
        UseTree::Rename(name) => vec![(vec![name.ident.to_string()], name.rename.to_string())],
        UseTree::Glob(_) => vec![(vec![], "*".to_owned())],
        UseTree::Group(group) => group.items.iter().flat_map(leaves).collect(),
        UseTree::Path(path) => {
            let name = path.ident.to_string();
            let below = leaves(&path.tree).into_iter();
            below
                .map(|(names, renamed)| {
                    let names = names.into_iter().filter(|name| name != "self");
                    ([name.clone()].into_iter().chain(names).collect(), renamed)
                })
                .collect()
        }
    }
}

fn extend(module: &Names, name: &str) -> Names {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn path_attribute(module: &ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn a_pair_is_found_through_exports_supers_and_paths() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, source: &str| {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, source).unwrap();
    };
    write("lib.rs", "mod a; mod b; mod c; pub use b::B; pub use c::c;");
    write("a.rs", "use crate::B; pub struct A; #[cfg(test)] mod tests { use crate::c::C; }");
    write("b/mod.rs", "mod inner; pub struct B(crate::a::A); fn f() { inner::f() }");
    write("b/inner.rs", "pub fn f() { let _: super::super::c::C; }");
    write(
        "c.rs",
        "use std::fmt; pub struct C; pub fn c() {} impl C { fn a() -> crate::a::A { loop {} } }",
    );
    let found = Crate::read(&folder.path().join("lib.rs")).mutual_imports();
    let [pair] = &found[..] else { panic!("{found:?}") };
    assert!(pair.contains("a.rs") && pair.contains("mod.rs"), "{pair}");
}
