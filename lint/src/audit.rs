//! One run of the audit, from a directory to findings.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::allow;
use crate::analysis::{self, Analysis, Facts};
use crate::audited::Audited;
use crate::config::Config;
use crate::discover::{self, Found};
use crate::findings::Finding;
use crate::fix::{self, Fix, Uses};
use crate::index::{FileId, FnId, Index};
use crate::source::SourceFile;
use crate::syntax::{self, Items, MacroTable};
use crate::types::Types;

/// A run's result.
#[derive(Debug)]
pub struct Report {
    /// All findings: errors first, then warnings, then notes.
    pub findings: Vec<Finding>,
    /// The files that were read.
    pub files: Vec<SourceFile>,
    /// Mistakes that fail the run: packages or their root files that could not be read, and those in the configuration.
    pub problems: Vec<String>,
    /// Other files that could not be read, each with the reason.
    pub broken: Vec<String>,
    /// The number of packages.
    pub packages: usize,
    /// The number of lines.
    pub lines: usize,
    /// The number of functions.
    pub functions: usize,
    /// The functions that hold a connection: file, line and name.
    pub holding: Vec<(String, usize, String)>,
}

/// Sees a run's progress.
pub trait Progress: Sync {
    /// The number of files is known.
    fn files(&self, _total: usize) {}
    /// One more file was read.
    fn file(&self) {}
    /// All files were read.
    fn analysing(&self) {}
    /// The run is over.
    fn done(&self) {}
}

/// Shows nothing.
#[derive(Debug)]
pub struct Silent;

impl Progress for Silent {}

/// Audits a directory.
pub fn audit(directory: &Path, plain: bool, progress: &dyn Progress) -> Report {
    audit_then(directory, plain, progress, |_| ()).0
}

/// Audits a directory, and converts what can be proven to be mechanical. Writes nothing.
pub fn fix(directory: &Path, plain: bool, progress: &dyn Progress) -> (Report, Fix) {
    audit_then(directory, plain, progress, fix::plan)
}

/// Audits a directory, and goes on with all that is known then.
fn audit_then<T: Send>(
    directory: &Path,
    plain: bool,
    progress: &dyn Progress,
    then: impl FnOnce(&Audited<'_>) -> T + Send,
) -> (Report, T) {
    let found = discover::find(directory, plain);
    let config = Config::read(found.metadata.as_ref());
    audit_found(found, &config, progress, then)
}

/// Audits one file by itself. Editions before 2024 keep a scrutinee's temporaries through the `else`.
pub fn audit_file(path: &Path, edition_2024: bool) -> Report {
    audit_found(discover::single(path, edition_2024), &Config::default(), &Silent, |_| ()).0
}

/// The stack of each worker: code that is nested deeply is read by functions that call themselves.
const STACK: usize = 256 << 20;

/// More brackets around code than this are not read, so that the stack suffices. Nobody writes a tenth of them.
const DEPTH: usize = 1000;

/// Audits packages that were found before.
fn audit_found<T: Send>(
    found: Found,
    config: &Config,
    progress: &dyn Progress,
    then: impl FnOnce(&Audited<'_>) -> T + Send,
) -> (Report, T) {
    let workers = rayon::ThreadPoolBuilder::new().stack_size(STACK).build();
    match workers {
        Ok(workers) => workers.install(|| audit_here(found, config, progress, then)),
        Err(_) => audit_here(found, config, progress, then),
    }
}

fn audit_here<T>(
    found: Found,
    config: &Config,
    progress: &dyn Progress,
    then: impl FnOnce(&Audited<'_>) -> T,
) -> (Report, T) {
    let mut problems = found.problems.clone();
    problems.extend(config.problems.iter().cloned());
    let total: usize = found.packages.iter().map(|package| package.files.len()).sum();
    progress.files(total);
    let (files, items, unread) = read(&found, config, progress);
    let (roots, broken): (Vec<Unread>, Vec<Unread>) =
        unread.into_iter().partition(|file| file.is_root);
    problems.extend(roots.into_iter().map(|file| file.reason));
    let broken = broken.into_iter().map(|file| file.reason).collect();
    progress.analysing();
    let index = Index::build(&found, &files, items);
    let types = Types::new(&index, &config.guards, &config.pools);
    let Analysis { facts, mut findings } = analysis::run(&index, &found.packages, &files, &types);
    let statements = |function: usize| match index.functions.get(function) {
        Some(info) => statement_lines(&files[info.file.0 as usize], info.item.body.as_ref()),
        None => Vec::new(),
    };
    let package_of = |file: usize| found.packages[files[file].package].name.clone();
    // A comment on a code that is off still allows something, and SA011 can be off too.
    allow::apply(&files, statements, &mut findings, package_of);
    findings.retain(|finding| config.reports(finding));
    findings.sort_by_cached_key(Finding::rank);
    let audited =
        Audited { files: &files, index: &index, types: &types, facts: &facts, findings: &[] };
    let between = findings.par_iter_mut().filter(|finding| finding.is_between_statements());
    between.for_each_init(
        || Uses::new(&audited),
        |uses, finding| (finding.before, finding.after) = uses.around(finding),
    );
    let audited = Audited { findings: &findings, ..audited };
    let more = then(&audited);
    progress.done();
    let holds = |facts: &Facts| facts.guards.iter().any(|guard| guard.certain);
    let holding = (0..facts.len()).filter(|at| holds(&facts[*at]));
    let holding = holding.map(|at| audited.place(FnId::at(at))).collect();
    let report = Report {
        findings,
        problems,
        broken,
        packages: found.packages.len(),
        lines: files.iter().map(SourceFile::lines).sum(),
        functions: index.functions.len(),
        holding,
        files,
    };
    // The bodies are most of what is freed now.
    index.functions.into_par_iter().for_each(drop);
    (report, more)
}

/// Returns the first and last line of every statement in a body.
fn statement_lines(file: &SourceFile, body: Option<&syntax::Block>) -> allow::Statements {
    let mut lines = Vec::new();
    let mut add = |span: syntax::Span| lines.push((file.line(span.lo), file.line(span.hi)));
    if let Some(body) = body {
        syntax::visit::each_statement(body, &mut add);
    }
    lines
}

type Parsed = (SourceFile, Result<Items, Unread>);

/// A file that could not be read.
struct Unread {
    reason: String,
    /// True for `src/lib.rs` and `src/main.rs`, without which a package is not audited.
    is_root: bool,
}

fn read(
    found: &Found,
    config: &Config,
    progress: &dyn Progress,
) -> (Vec<SourceFile>, Vec<(FileId, Items)>, Vec<Unread>) {
    let paths: Vec<(usize, &PathBuf)> = found
        .packages
        .iter()
        .enumerate()
        .flat_map(|(package, info)| info.files.iter().map(move |path| (package, path)))
        .filter(|(_, path)| !config.excludes(path.strip_prefix(&found.root).unwrap_or(path)))
        .collect();
    let unread = |package: usize, path: &Path, reason: String| {
        let source = &found.packages[package].source;
        let is_root = ["lib.rs", "main.rs"].iter().any(|name| source.join(name) == path);
        Unread { reason, is_root }
    };
    let parsed: Vec<Result<Parsed, Unread>> = paths
        .into_par_iter()
        .map(|(package, path)| {
            progress.file();
            let text = std::fs::read_to_string(path)
                .map_err(|error| unread(package, path, format!("{}: {error}", path.display())))?;
            let mut source = SourceFile::new(path.clone(), &found.root, text, package);
            if syntax::depth(&source.text) > DEPTH {
                let shown = &source.shown;
                let reason = format!("{shown}: brackets are nested more than {DEPTH} deep");
                return Err(unread(package, path, reason));
            }
            source.aside = is_aside(&found.packages[package].directory, path);
            let items = parse(&source, None).map_err(|reason| unread(package, path, reason));
            Ok((source, items))
        })
        .collect();
    let mut files = Vec::new();
    let mut read = Vec::new();
    let mut failed = Vec::new();
    for result in parsed {
        let items = result.and_then(|(source, items)| {
            files.push(source);
            items
        });
        match items {
            Ok(items) => read.push((FileId::at(files.len() - 1), items)),
            Err(file) => failed.push(file),
        }
    }
    expand_macros(&files, &mut read);
    (files, read, failed)
}

/// Reads files again that call a macro of the workspace which opens scopes or awaits.
fn expand_macros(files: &[SourceFile], read: &mut [(FileId, Items)]) {
    let mut table = MacroTable::default();
    for (_, items) in read.iter() {
        for definition in &items.macros {
            table.insert(definition.name, &definition.rules);
        }
    }
    if table.is_empty() {
        return;
    }
    read.par_iter_mut().for_each(|(id, items)| {
        if items.macro_calls.iter().any(|name| table.contains(*name))
            && let Ok(expanded) = parse(&files[id.0 as usize], Some(&table))
        {
            *items = expanded;
        }
    });
}

fn parse(source: &SourceFile, macros: Option<&MacroTable>) -> Result<Items, String> {
    // A file that the parser panics on is a file that cannot be read.
    let parsed = catch_unwind(AssertUnwindSafe(|| syntax::parse(&source.text, macros)));
    match parsed {
        Ok(parsed) => parsed.map_err(|(line, message)| {
            // The parser has no more words for brackets and literals.
            let message = match message.as_str() {
                "cannot parse string into token stream" => {
                    "a bracket or a literal does not end, or a character has no meaning in Rust"
                }
                message => message,
            };
            format!("{}:{line}: {message}", source.shown)
        }),
        Err(_) => Err(format!("{}: the parser panicked", source.shown)),
    }
}

fn is_aside(package: &Path, path: &Path) -> bool {
    let relative = path.strip_prefix(package).unwrap_or(path);
    relative.components().next().is_some_and(|first| {
        ["tests", "benches", "examples"].iter().any(|name| first.as_os_str() == *name)
    })
}
