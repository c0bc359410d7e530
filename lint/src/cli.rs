//! The command line, and the exit codes: 0 clean, 1 findings, 2 could not run.

use std::io::{IsTerminal, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use cargo_shortlease::{
    Bar, Baseline, Change, Code, Confidence, Escape, Finding, Plan, Refusal, Report, State, audit,
    escapes, explain, fix, recipe, report,
};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::size::Size;

#[derive(Parser)]
#[command(name = "cargo-shortlease", bin_name = "cargo shortlease", version)]
/// Finds database connections that are held across awaits which are not database calls
///
/// Exit codes: 0 clean, 1 findings, 2 could not run or could not read a package. `fix` exits with 1 if it refuses a function.
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    audit: Audit,
}

impl Cli {
    /// Returns a flag that the command would not heed.
    fn misplaced(&self) -> Option<&'static str> {
        let heeded = match self.command {
            None => return None,
            Some(Command::Plan { .. }) => true,
            Some(_) => false,
        };
        let Audit { format, tests, min_confidence, baseline, write_baseline, .. } = &self.audit;
        let flags = [
            ("--format", format.is_some()),
            ("--tests", *tests && !heeded),
            ("--min-confidence", min_confidence.is_some() && !heeded),
            ("--baseline", baseline.is_some() && !heeded),
            ("--write-baseline", write_baseline.is_some()),
        ];
        flags.into_iter().find_map(|(flag, is_misplaced)| is_misplaced.then_some(flag))
    }
}

#[derive(Args)]
struct Audit {
    /// The directory to audit
    #[arg(default_value = ".", global = true)]
    directory: PathBuf,
    /// How findings are written [default: human]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Explains a code and exits
    #[arg(long, value_name = "CODE")]
    explain: Option<String>,
    /// Lists all codes and exits
    #[arg(long)]
    list: bool,
    /// Shows findings in tests, benches and examples, and counts them for the exit code
    #[arg(long, global = true)]
    tests: bool,
    /// Leaves out findings that are less certain
    #[arg(long, value_enum, global = true)]
    min_confidence: Option<Sure>,
    /// Reports only what is not in this file
    #[arg(long, value_name = "FILE", global = true)]
    baseline: Option<PathBuf>,
    /// Writes all findings to this file and exits
    #[arg(long, value_name = "FILE")]
    write_baseline: Option<PathBuf>,
    /// Looks for files by itself, without `cargo metadata`
    #[arg(long, global = true)]
    plain: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
    Sarif,
    Github,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sure {
    High,
    Medium,
    Low,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the order of work for each function with a finding
    Plan {
        /// How the plan is written
        #[arg(id = "plan_format", long = "format", value_enum, default_value = "text")]
        format: PlanFormat,
    },
    /// Shows how functions with a finding become handlers with leases, where that is mechanical
    Fix {
        /// Writes the files
        #[arg(long)]
        apply: bool,
    },
    /// Prints pool sizes for a workload
    Size(Size),
    /// Lists where code opts out of shortlease's checks, and raw ways to a connection
    Escapes {
        /// Writes JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum PlanFormat {
    Text,
    Json,
    Html,
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> ExitCode {
    // Cargo passes the name of the subcommand.
    let mut args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "shortlease") {
        args.remove(1);
    }
    let cli = Cli::parse_from(args);
    match execute(&cli) {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(2)
        }
    }
}

fn execute(cli: &Cli) -> Result<ExitCode, String> {
    if cli.audit.list {
        for code in Code::ALL {
            say(&format!("{}  {}\n", code.text(), code.title()));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(text) = &cli.audit.explain {
        let code = Code::parse(&text.to_uppercase()).ok_or(format!("there is no code `{text}`"))?;
        say(explain(code));
        if let Some(recipe) = recipe(code) {
            say(&format!("\nRecipe: {recipe}\n"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(flag) = cli.misplaced() {
        return Err(format!("`{flag}` does not go with this command"));
    }
    if !cli.audit.directory.is_dir() {
        return Err(format!("`{}` is not a directory", cli.audit.directory.display()));
    }
    let report = || audit(&cli.audit.directory, cli.audit.plain, &Bar::default());
    match &cli.command {
        None => show(&cli.audit, &report()),
        Some(Command::Plan { format }) => plan(&cli.audit, &report(), *format),
        Some(Command::Escapes { json }) => list_escapes(&report(), *json),
        Some(Command::Fix { apply }) => convert(&cli.audit, *apply),
        Some(Command::Size(workload)) => {
            say(&workload.plan()?);
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Returns the findings that are certain enough.
fn sure<'a>(options: &Audit, report: &'a Report) -> Vec<&'a Finding> {
    let sure = |finding: &&Finding| match options.min_confidence {
        None | Some(Sure::Low) => true,
        Some(Sure::Medium) => finding.confidence <= Confidence::Medium,
        Some(Sure::High) => finding.confidence == Confidence::High,
    };
    report.findings.iter().filter(sure).collect()
}

/// The findings that a command shows.
struct Selected<'a> {
    shown: Vec<&'a Finding>,
    /// The number of those in tests, which are not shown.
    aside: usize,
    /// The number of those in the baseline.
    known: usize,
}

fn select<'a>(options: &Audit, report: &'a Report) -> Result<Selected<'a>, String> {
    let (shown, aside): (Vec<&Finding>, Vec<&Finding>) =
        sure(options, report).into_iter().partition(|finding| options.tests || !finding.test);
    let (shown, known) = match &options.baseline {
        Some(path) => Baseline::read(path)
            .map_err(|error| format!("{}: {error}", path.display()))?
            .split(shown),
        None => (shown, 0),
    };
    Ok(Selected { shown, aside: aside.len(), known })
}

fn show(options: &Audit, report: &Report) -> Result<ExitCode, String> {
    if let Some(path) = &options.write_baseline {
        let text = Baseline::text(&sure(options, report));
        std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok(ended(report, 0));
    }
    let Selected { shown, aside, known } = select(options, report)?;
    let text = match options.format.unwrap_or(Format::Human) {
        Format::Human => {
            let colour = std::io::stdout().is_terminal();
            let summary = report::summary(report, &shown, aside, known);
            report::human(report, &shown, colour) + &summary
        }
        Format::Json => report::json(report, &shown).map_err(|error| error.to_string())? + "\n",
        Format::Sarif => report::sarif(&shown) + "\n",
        Format::Github => report::github(&shown),
    };
    say(&text);
    Ok(ended(report, shown.len()))
}

/// Writes to the standard output. A reader that has gone, such as `head`, ends nothing.
fn say(text: &str) {
    let _ = anstream::stdout().write_all(text.as_bytes());
}

/// Prints problems and returns the exit code.
fn ended(report: &Report, findings: usize) -> ExitCode {
    for file in &report.broken {
        eprintln!("warning: not read: {file}");
    }
    for problem in &report.problems {
        eprintln!("error: {problem}");
    }
    match (report.problems.is_empty(), findings) {
        (false, _) => ExitCode::from(2),
        (true, 0) => ExitCode::SUCCESS,
        (true, _) => ExitCode::from(1),
    }
}

fn plan(options: &Audit, report: &Report, format: PlanFormat) -> Result<ExitCode, String> {
    let plan = Plan::of(report, &select(options, report)?.shown);
    let text = match format {
        PlanFormat::Text => plan.text(),
        PlanFormat::Json => {
            serde_json::to_string_pretty(&plan).map_err(|error| error.to_string())? + "\n"
        }
        PlanFormat::Html => report::plan_html(&plan),
    };
    say(&text);
    Ok(ended(report, plan.count(State::Held)))
}

fn convert(options: &Audit, apply: bool) -> Result<ExitCode, String> {
    let (report, fix) = fix(&options.directory, options.plain, &Bar::default());
    for change in &fix.changes {
        say(&change.diff());
    }
    for Refusal { file, line, function, reason } in &fix.refused {
        say(&format!("not converted: {file}:{line}: `{function}` {reason}\n"));
    }
    let written = if apply { "converted" } else { "to convert" };
    let converted = report::plural(fix.converted, "function");
    let refused = report::plural(fix.refused.len(), "refusal");
    say(&format!("{converted} {written}, {refused}\n"));
    if !fix.changes.is_empty() {
        say(match apply {
            true => format!(
                "next: `cargo add shortlease{}`, `cargo fmt`, and remove unused imports\n",
                features(&fix.changes)
            ),
            false => "`cargo shortlease fix --apply` writes this\n".to_owned(),
        }
        .as_str());
    }
    if apply {
        for change in &fix.changes {
            std::fs::write(&change.path, &change.after)
                .map_err(|error| format!("{}: {error}", change.path.display()))?;
        }
    }
    Ok(ended(&report, fix.refused.len()))
}

/// Returns the flags of `cargo add` for the databases that changed files name. SQLite is there by default.
fn features(changes: &[Change]) -> String {
    let named = |ty: &str| changes.iter().any(|change| change.after.contains(ty));
    let databases = [("shortlease::MySql", "mysql"), ("shortlease::Postgres", "postgres")];
    let wanted = databases.into_iter().filter(|(ty, _)| named(ty));
    let wanted: Vec<&str> = wanted.map(|(_, feature)| feature).collect();
    match wanted.as_slice() {
        [] => String::new(),
        wanted => format!(" --features {}", wanted.join(",")),
    }
}

fn list_escapes(report: &Report, json: bool) -> Result<ExitCode, String> {
    let found: Vec<Escape> = escapes(&report.files);
    if json {
        let text = serde_json::to_string_pretty(&found).map_err(|error| error.to_string())?;
        say(&format!("{text}\n"));
    } else {
        for escape in &found {
            let Escape { file, line, kind, reason } = escape;
            say(&format!("{file}:{line}: {kind}: {reason}\n"));
        }
    }
    Ok(ended(report, 0))
}
