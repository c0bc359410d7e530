//! Finds the packages of a workspace and their files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{MetadataCommand, TargetKind};
use ignore::WalkBuilder;

use crate::reached::reached;

/// A package and its files.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// The package's name.
    pub name: String,
    /// The name that other crates write in paths.
    pub(crate) crate_name: String,
    /// True for editions before 2024, where temporaries of an `if let` live through its `else`.
    pub(crate) old_scrutinees: bool,
    pub(crate) directory: PathBuf,
    /// The folder of its library or first program: the root of its modules.
    pub(crate) source: PathBuf,
    /// The root files of its targets; none if they are not known.
    targets: Vec<PathBuf>,
    dependencies: Vec<Dependency>,
    /// The `.rs` files below the package that belong to no other package, and to a target if targets are known.
    pub(crate) files: Vec<PathBuf>,
}

/// A dependency of a manifest.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    /// The name that the manifest gives it.
    pub name: String,
    /// The name of its package.
    pub package: String,
    /// Its folder, if the manifest names one.
    path: Option<PathBuf>,
}

/// The packages of a workspace, and its configuration.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The packages.
    pub packages: Vec<Package>,
    /// The directory that paths are shown relative to: that of the workspace, also if it is a member's that is audited.
    pub root: PathBuf,
    /// The table `[workspace.metadata.shortlease]` or `[package.metadata.shortlease]`, if there is one.
    pub(crate) metadata: Option<serde_json::Value>,
    /// Packages that could not be read, each with the reason.
    pub problems: Vec<String>,
}

impl Found {
    /// Returns the dependencies of a package, each with the package of the workspace that it is, if it is one.
    pub(crate) fn dependencies(
        &self,
        of: usize,
    ) -> impl Iterator<Item = (&Dependency, Option<usize>)> {
        let user = &self.packages[of];
        let near = |found: &Package| {
            let shared = user.directory.components().zip(found.directory.components());
            shared.take_while(|(one, other)| one == other).count()
        };
        user.dependencies.iter().map(move |used| {
            let all = self.packages.iter().enumerate();
            let fits = all.filter(|(_, found)| match &used.path {
                Some(path) => found.directory == *path,
                None => found.name == used.package,
            });
            (used, fits.max_by_key(|(_, found)| near(found)).map(|(at, _)| at))
        })
    }
}

/// Finds packages below a directory: by `cargo metadata` if it has a manifest that cargo reads, else by looking.
pub(crate) fn find(directory: &Path, plain: bool) -> Found {
    let root = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let manifest = root.join("Cargo.toml");
    let mut found = match (!plain && manifest.is_file()).then(|| from_cargo(&manifest)) {
        Some(Ok(found)) => found,
        Some(Err(error)) => {
            let mut found = from_directory(&root);
            found.problems.push(format!("cargo metadata: {}", first_line(&error.to_string())));
            found
        }
        None => from_directory(&root),
    };
    collect_files(&mut found);
    found
}

/// Returns a package of one file.
pub(crate) fn single(path: &Path, edition_2024: bool) -> Found {
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    let package = Package {
        name: "single".to_owned(),
        crate_name: "single".to_owned(),
        old_scrutinees: !edition_2024,
        source: directory.join("src"),
        directory: directory.clone(),
        targets: Vec::new(),
        dependencies: Vec::new(),
        files: vec![path.to_owned()],
    };
    Found { packages: vec![package], root: directory, ..Found::default() }
}

fn first_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.take(3).collect::<Vec<_>>().join(" ")
}

fn from_cargo(manifest: &Path) -> Result<Found, cargo_metadata::Error> {
    let metadata = MetadataCommand::new()
        .manifest_path(manifest)
        .no_deps()
        .other_options(vec!["--offline".to_owned()])
        .exec()?;
    let root = metadata.workspace_root.clone().into_std_path_buf();
    let mut found = Found { root, ..Found::default() };
    let own = &metadata.workspace_metadata;
    found.metadata = own.get("shortlease").cloned();
    for package in metadata.workspace_packages() {
        let library = package.targets.iter().find(|target| {
            target.kind.iter().any(|kind| matches!(kind, TargetKind::Lib | TargetKind::RLib))
        });
        let directory: PathBuf = package.manifest_path.parent().map(Into::into).unwrap_or_default();
        let crate_name =
            library.map_or_else(|| package.name.to_string(), |target| target.name.clone());
        if found.metadata.is_none() {
            found.metadata = package.metadata.get("shortlease").cloned();
        }
        found.packages.push(Package {
            name: package.name.to_string(),
            crate_name: crate_name.replace('-', "_"),
            old_scrutinees: package.edition < cargo_metadata::Edition::E2024,
            source: source_of(
                &directory,
                library.map(file_of),
                package.targets.first().map(file_of),
            ),
            directory,
            targets: package.targets.iter().map(|target| file_of(target).to_owned()).collect(),
            dependencies: package.dependencies.iter().map(dependency).collect(),
            files: Vec::new(),
        });
    }
    Ok(found)
}

fn dependency(used: &cargo_metadata::Dependency) -> Dependency {
    Dependency {
        name: used.rename.as_ref().unwrap_or(&used.name).clone(),
        package: used.name.clone(),
        path: used.path.clone().map(Into::into),
    }
}

fn file_of(target: &cargo_metadata::Target) -> &Path {
    target.src_path.as_std_path()
}

/// Reads the manifests below a directory without cargo.
fn from_directory(root: &Path) -> Found {
    let mut found = Found { root: root.to_owned(), ..Found::default() };
    let mut workspaces: Vec<(PathBuf, Vec<Dependency>)> = Vec::new();
    for manifest in walk(root).filter(|path| path.ends_with("Cargo.toml")) {
        let text = match std::fs::read_to_string(&manifest) {
            Ok(text) => text,
            Err(error) => {
                found.problems.push(format!("{}: {error}", manifest.display()));
                continue;
            }
        };
        match text.parse::<toml::Table>() {
            Ok(table) => {
                if manifest.parent() == Some(root) {
                    found.metadata = metadata_of(&table);
                }
                found.packages.extend(package_of(&table, &manifest));
                if let Some(workspace) = table.get("workspace").and_then(toml::Value::as_table) {
                    let directory = manifest.parent().unwrap_or(root);
                    workspaces.push((directory.to_owned(), dependencies(workspace, directory)));
                }
            }
            Err(error) => {
                let reason = first_line(&error.to_string());
                found.problems.push(format!("{}: {reason}", manifest.display()));
            }
        }
    }
    for package in &mut found.packages {
        let above = |(directory, _): &&(PathBuf, _)| package.directory.starts_with(directory);
        let workspace = workspaces.iter().filter(above).max_by_key(|(at, _)| at.as_os_str().len());
        for used in &mut package.dependencies {
            let mut shared = workspace.iter().flat_map(|(_, shared)| shared);
            // `db.workspace = true`; a package that a manifest names itself is not looked up.
            if let Some(shared) = shared.find(|shared| shared.name == used.name)
                && used.path.is_none()
                && used.package == used.name
            {
                *used = shared.clone();
            }
        }
    }
    if found.packages.is_empty() {
        let name = root.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.packages.push(Package {
            crate_name: name.replace('-', "_"),
            name,
            old_scrutinees: true,
            source: root.join("src"),
            directory: root.to_owned(),
            targets: Vec::new(),
            dependencies: Vec::new(),
            files: Vec::new(),
        });
    }
    found
}

/// Returns the audit's own table of a manifest: that of the workspace, or that of the package.
fn metadata_of(manifest: &toml::Table) -> Option<serde_json::Value> {
    let own = |part: &str| manifest.get(part)?.get("metadata")?.get("shortlease");
    serde_json::to_value(own("workspace").or_else(|| own("package"))?).ok()
}

fn package_of(manifest: &toml::Table, path: &Path) -> Option<Package> {
    let package = manifest.get("package")?.as_table()?;
    let name = package.get("name")?.as_str()?.to_owned();
    let lib = manifest.get("lib");
    let library = lib.and_then(|lib| lib.get("name")).and_then(toml::Value::as_str);
    let program = manifest.get("bin").and_then(toml::Value::as_array).and_then(|list| list.first());
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    Some(Package {
        crate_name: library.unwrap_or(&name).replace('-', "_"),
        name,
        old_scrutinees: package.get("edition").and_then(toml::Value::as_str) != Some("2024"),
        source: source_of(&directory, path_of(lib), path_of(program)),
        targets: Vec::new(),
        dependencies: dependencies(manifest, &directory),
        directory,
        files: Vec::new(),
    })
}

/// Returns the dependencies in the tables of a manifest, those of its platforms included.
fn dependencies(table: &toml::Table, directory: &Path) -> Vec<Dependency> {
    let mut found = Vec::new();
    for (key, value) in table {
        match value.as_table() {
            Some(list) if key.ends_with("dependencies") => {
                found.extend(list.iter().map(|(name, value)| {
                    let text = |key: &str| value.get(key).and_then(toml::Value::as_str);
                    let path = text("path").map(|path| directory.join(path));
                    Dependency {
                        name: name.clone(),
                        package: text("package").unwrap_or(name).to_owned(),
                        path: path.map(|path| path.canonicalize().unwrap_or(path)),
                    }
                }));
            }
            Some(platforms) if key == "target" => {
                let platforms = platforms.values().filter_map(toml::Value::as_table);
                found.extend(platforms.flat_map(|platform| dependencies(platform, directory)));
            }
            _ => {}
        }
    }
    found
}

/// Returns the path that a manifest gives to a target.
fn path_of(target: Option<&toml::Value>) -> Option<&Path> {
    target?.get("path")?.as_str().map(Path::new)
}

/// Returns the folder of the root of a package's modules: that of its library, or `src`, or that of its first program.
fn source_of(directory: &Path, library: Option<&Path>, program: Option<&Path>) -> PathBuf {
    let usual = directory.join("src");
    let program = program.filter(|_| !usual.is_dir());
    let folder = library.or(program).and_then(Path::parent).map(|folder| directory.join(folder));
    folder.unwrap_or(usual)
}

fn collect_files(found: &mut Found) {
    let directories: HashSet<PathBuf> =
        found.packages.iter().map(|package| package.directory.clone()).collect();
    for package in &mut found.packages {
        let own = package.directory.clone();
        let foreign = directories.clone();
        let below = own.clone();
        let walk = builder(&own)
            .filter_entry(move |entry| {
                !is_output(entry) && (entry.path() == below || !foreign.contains(entry.path()))
            })
            .build();
        let files = walk.flatten().map(ignore::DirEntry::into_path);
        package.files =
            files.filter(|path| path.extension().is_some_and(|end| end == "rs")).collect();
        package.files.sort();
    }
    keep_reached(&mut found.packages);
    for package in &found.packages {
        if package.files.is_empty() {
            found.problems.push(format!("package `{}` has no Rust files", package.name));
        }
    }
}

/// Leaves out the files that no target is made of, in packages whose targets are known.
fn keep_reached(packages: &mut [Package]) {
    let files = packages.iter().flat_map(|package| package.files.iter().cloned()).collect();
    let roots = packages.iter().flat_map(|package| {
        package.targets.iter().map(|root| (root.clone(), package.directory.as_path()))
    });
    let reached = reached(roots.collect(), &files);
    for package in packages.iter_mut().filter(|package| !package.targets.is_empty()) {
        package.files.retain(|file| reached.contains(file));
    }
}

fn builder(root: &Path) -> WalkBuilder {
    let mut builder = WalkBuilder::new(root);
    builder.standard_filters(false).hidden(true).git_ignore(true).require_git(false).parents(false);
    builder
}

fn walk(root: &Path) -> impl Iterator<Item = PathBuf> {
    let walk = builder(root).filter_entry(|entry| !is_output(entry)).build();
    walk.flatten().map(ignore::DirEntry::into_path)
}

/// Returns true for cargo's output directory.
fn is_output(entry: &ignore::DirEntry) -> bool {
    entry.file_name() == "target" && entry.path().join("CACHEDIR.TAG").exists()
}
