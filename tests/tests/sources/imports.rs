//! No two files of a crate import each other, and no circle of imports runs through its folders.

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
    assert_none(Crate::mutual_imports);
}

#[test]
fn modules_import_one_way() {
    assert_none(Crate::circles);
}

fn assert_none(find: fn(&Crate) -> Vec<String>) {
    let mut wrong = Vec::new();
    for root in ROOTS {
        let krate = Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(root));
        wrong.extend(find(&krate).into_iter().map(|found| format!("{root}: {found}")));
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

    /// The module that defines the item of these names.
    fn origin(&self, names: &[String]) -> Names {
        let prefixes = (1..=names.len()).map(|length| &names[..length]);
        // A module may have the name of an item that it exports.
        for exported in prefixes.filter(|prefix| !self.modules.contains_key(*prefix)) {
            if let Some(origin) = self.exports.get(exported) {
                return self.origin(&[origin, &names[exported.len()..]].concat());
            }
        }
        let modules = (0..=names.len()).rev().map(|length| names[..length].to_vec());
        modules.into_iter().find(|module| self.modules.contains_key(module)).unwrap()
    }

    /// Each module with one that it imports from.
    fn imports(&self) -> impl Iterator<Item = (&Names, Names)> {
        self.named.iter().flat_map(move |(from, named)| {
            named.iter().map(move |names| (from, self.origin(names)))
        })
    }

    fn mutual_imports(&self) -> Vec<String> {
        let file = |module: &Names| self.modules[module].as_path();
        let imports: BTreeSet<_> =
            self.imports().map(|(from, to)| (file(from), file(&to))).collect();
        let mutual = imports.iter().filter(|(from, to)| from < to && imports.contains(&(to, from)));
        mutual
            .map(|(a, b)| format!("{} and {} import each other", a.display(), b.display()))
            .collect()
    }

    /// The imports that close a circle among the modules of one parent. A module stands for those below it.
    fn circles(&self) -> Vec<String> {
        let mut siblings: BTreeMap<Names, BTreeMap<Names, String>> = BTreeMap::new();
        for (from, to) in self.imports() {
            let shared = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
            // A parent and its child are no siblings.
            if from.len() > shared && to.len() > shared {
                let shown = format!("{} imports {}", from.join("::"), to.join("::"));
                let (from, to) = (from[..=shared].to_vec(), to[..=shared].to_vec());
                siblings.entry(from).or_default().insert(to, shown);
            }
        }
        let all = siblings.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)));
        let closing = all.filter(|(from, (to, _))| leads(&siblings, to, from));
        closing.map(|(_, (_, shown))| shown.clone()).collect()
    }
}

/// Returns `true` if imports lead from one module to the other.
fn leads(imports: &BTreeMap<Names, BTreeMap<Names, String>>, from: &Names, to: &Names) -> bool {
    let (mut met, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(at) = next.pop() {
        let imported = imports.get(at).into_iter().flat_map(BTreeMap::keys);
        next.extend(imported.filter(|module| met.insert(module)));
    }
    met.contains(to)
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
    let krate = read([
        ("lib.rs", "mod a; mod b; mod c; pub use b::B; pub use c::c;"),
        ("a.rs", "use crate::B; pub struct A; #[cfg(test)] mod tests { use crate::c::C; }"),
        ("b/mod.rs", "mod inner; pub struct B(crate::a::A); fn f() { inner::f() }"),
        ("b/inner.rs", "pub fn f() { let _: super::super::c::C; }"),
        (
            "c.rs",
            "use std::fmt; pub struct C; pub fn c() {} impl C { fn a() -> crate::a::A { loop {} } }",
        ),
    ]);
    let found = krate.mutual_imports();
    let [pair] = &found[..] else { panic!("{found:?}") };
    assert!(pair.contains("a.rs") && pair.contains("mod.rs"), "{pair}");
}

#[test]
fn a_circle_is_found_through_folders() {
    let krate = read([
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use crate::b::B; use crate::d::D;"),
        ("b/mod.rs", "mod inner; mod other; pub struct B(inner::C);"),
        ("b/inner.rs", "pub use crate::c::C;"),
        ("b/other.rs", "use crate::c::C;"),
        ("c.rs", "pub struct C; fn c(_: crate::a::A) {}"),
        ("d.rs", "pub struct D;"),
    ]);
    assert!(krate.mutual_imports().is_empty());
    assert_eq!(krate.circles(), ["a imports b", "b::other imports c", "c imports a"]);
}

fn read<const N: usize>(files: [(&str, &str); N]) -> Crate {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, source).unwrap();
    }
    Crate::read(&folder.path().join("lib.rs"))
}
