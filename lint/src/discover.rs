//! Finds the packages of a workspace and their files.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use cargo_metadata::{MetadataCommand, TargetKind};
use ignore::WalkBuilder;

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
    /// Every `.rs` file below the package that belongs to no other package.
    pub(crate) files: Vec<PathBuf>,
}

/// The packages of a workspace, and its configuration.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The packages.
    pub packages: Vec<Package>,
    /// The names that dependencies are given in manifests, `db = { package = "acme-db" }`, each with the package's.
    pub(crate) renamed: Vec<(String, String)>,
    /// The directory that paths are shown relative to: that of the workspace, also if it is a member's that is audited.
    pub root: PathBuf,
    /// The table `[workspace.metadata.shortlease]` or `[package.metadata.shortlease]`, if there is one.
    pub(crate) metadata: Option<serde_json::Value>,
    /// Packages that could not be read, each with the reason.
    pub problems: Vec<String>,
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
            files: Vec::new(),
        });
    }
    let dependencies = metadata.packages.iter().flat_map(|package| &package.dependencies);
    let renamed = dependencies.filter_map(|used| Some((used.rename.clone()?, used.name.clone())));
    found.renamed = renamed.collect();
    Ok(found)
}

fn file_of(target: &cargo_metadata::Target) -> &Path {
    target.src_path.as_std_path()
}

/// Reads the manifests below a directory without cargo.
fn from_directory(root: &Path) -> Found {
    let mut found = Found { root: root.to_owned(), ..Found::default() };
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
                collect_renamed(&table, false, &mut found.renamed);
            }
            Err(error) => {
                let reason = first_line(&error.to_string());
                found.problems.push(format!("{}: {reason}", manifest.display()));
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
        directory,
        files: Vec::new(),
    })
}

/// Collects the dependencies that the tables of a manifest give a name of their own.
fn collect_renamed(table: &toml::Table, lists: bool, renamed: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        match inner.get("package").and_then(toml::Value::as_str) {
            Some(package) if lists => renamed.push((key.clone(), package.to_owned())),
            _ => collect_renamed(inner, key.ends_with("dependencies"), renamed),
        }
    }
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
        if package.files.is_empty() {
            found.problems.push(format!("package `{}` has no Rust files", package.name));
        }
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
