//! The files that the targets of packages are made of.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

/// Returns those of some files that root files lead to: by `mod name;`, by `#[path = ".."]` or by `include!("..")`.
///
/// Text in comments counts as well, so that no file is left out for how its declaration is written.
pub(crate) fn reached(roots: Vec<(PathBuf, &Path)>, files: &HashSet<PathBuf>) -> HashSet<PathBuf> {
    let folders: HashSet<&Path> = files.iter().flat_map(|file| file.ancestors().skip(1)).collect();
    let mut found = HashSet::new();
    let mut open = roots;
    while let Some((file, package)) = open.pop() {
        if !files.contains(&file) || !found.insert(file.clone()) {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let mut next = modules(&file, &text, &folders);
        next.extend(named(&file, &text, package, files));
        open.extend(next.into_iter().map(|file| (file, package)));
    }
    found
}

/// Returns where the modules of a file may be, those in inline modules included.
fn modules(file: &Path, text: &str, folders: &HashSet<&Path>) -> Vec<PathBuf> {
    let names = declared(text);
    let mut found = Vec::new();
    // A root's modules are beside it, those of another file in a folder of its name.
    let mut open: Vec<PathBuf> = file.parent().map(Path::to_owned).into_iter().collect();
    open.push(file.with_extension(""));
    while let Some(folder) = open.pop() {
        for name in &names {
            let inner = folder.join(name);
            found.push(inner.with_extension("rs"));
            if folders.contains(inner.as_path()) {
                found.push(inner.join("mod.rs"));
                open.push(inner);
            }
        }
    }
    found
}

/// Returns the names of the modules that a file declares: all of its words if a macro declares them.
fn declared(text: &str) -> HashSet<&str> {
    let is_of_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let after = text.match_indices("mod").filter_map(|(at, _)| {
        let rest = text[at + 3..].strip_prefix(char::is_whitespace)?.trim_start();
        (!text[..at].ends_with(is_of_name)).then(|| rest.trim_start_matches("r#"))
    });
    let after: Vec<&str> = after.collect();
    let words = text.split(|letter| !is_of_name(letter));
    let names: HashSet<&str> = match after.iter().any(|rest| rest.starts_with('$')) {
        true => words.collect(),
        false => after.iter().filter_map(|rest| rest.split(|it| !is_of_name(it)).next()).collect(),
    };
    names.into_iter().filter(|name| !name.is_empty()).collect()
}

/// Returns the files that a text names in quotes, as seen from its file or from its package; for `automod::dir!` those
/// of a folder.
fn named(file: &Path, text: &str, package: &Path, files: &HashSet<PathBuf>) -> Vec<PathBuf> {
    let folder = file.parent().unwrap_or(package);
    let from = |name: &str| [folder, package].map(|base| plain(&base.join(name)));
    let mut found: Vec<PathBuf> = Vec::new();
    for name in text.split('"').map(|name| name.trim_start_matches('/')) {
        if name.ends_with(".rs") {
            found.extend(from(name));
        } else if text.contains("dir!(") && name.contains('/') {
            let inside = |file: &&PathBuf| from(name).iter().any(|at| file.parent() == Some(at));
            found.extend(files.iter().filter(inside).cloned());
        }
    }
    found
}

/// Returns a path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}
