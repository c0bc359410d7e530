//! Measures the audit: lines per second of wall time and of CPU time, and the peak of memory.
//!
//! `cargo run --release -p cargo-shortlease --example speed` audits a generated tree of a million lines, then the sources of
//! all crates in cargo's registry. `speed LINES` generates so many lines; `speed 0 DIRECTORY` audits that directory only.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use cargo_shortlease::{Silent, audit};

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const HANDLERS_PER_FILE: usize = 40;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let lines = args.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let given = args.next().map(PathBuf::from);
    if lines > 0 {
        let generated =
            std::env::temp_dir().join(format!("shortlease-speed-{}", std::process::id()));
        generate(&generated, lines)?;
        measure("generated", &generated, false);
        std::fs::remove_dir_all(&generated)?;
    }
    if let Some(directory) = given.or_else(registry) {
        measure(&directory.display().to_string(), &directory, true);
    }
    Ok(())
}

/// Returns the folder of the sources of all crates that cargo has fetched.
fn registry() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))?;
    Some(home.join("registry/src")).filter(|sources| sources.is_dir())
}

fn measure(name: &str, directory: &Path, plain: bool) {
    let (start, before) = (Instant::now(), cpu_seconds());
    let report = audit(directory, plain, &Silent);
    let (wall, cpu) = (start.elapsed().as_secs_f64(), cpu_seconds() - before);
    println!(
        "{name}: {} lines, {} functions, {} findings",
        report.lines,
        report.functions,
        report.findings.len()
    );
    println!(
        "  {wall:.2} s, {:.0} lines/s; {cpu:.2} s of CPU, {:.0} lines/s of CPU; peak of memory {} MiB",
        per_second(report.lines, wall),
        per_second(report.lines, cpu),
        peak_mebibytes()
    );
}

#[expect(clippy::cast_precision_loss, reason = "lines are few enough")]
fn per_second(lines: usize, seconds: f64) -> f64 {
    lines as f64 / seconds
}

/// Returns the CPU time of this process so far; 0 where there is no `/proc`.
fn cpu_seconds() -> f64 {
    /// Linux counts in hundredths of a second, whatever the kernel's own clock.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}

/// Returns the peak of this process's memory; 0 where there is no `/proc`.
fn peak_mebibytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = peak.and_then(|text| text.split_whitespace().next()?.parse::<usize>().ok());
    kibibytes.unwrap_or_default() / 1024
}

/// Writes a package with about that many lines.
fn generate(root: &Path, lines: usize) -> std::io::Result<()> {
    let source = root.join("src");
    std::fs::create_dir_all(&source)?;
    std::fs::write(
        root.join("Cargo.toml"),
        "[workspace]\n[package]\nname = \"generated\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    )?;
    let mut modules = String::new();
    let mut written = 0;
    let mut number = 0;
    while written < lines {
        let text = module(number);
        written += text.lines().count();
        std::fs::write(source.join(format!("module_{number}.rs")), text)?;
        let _ = writeln!(modules, "mod module_{number};");
        number += 1;
    }
    std::fs::write(source.join("lib.rs"), modules)
}

fn module(number: usize) -> String {
    let mut text = format!(
        "use sqlx::{{PgConnection, PgPool}};\n\npub struct Service{number} {{\n    pool: PgPool,\n    http: reqwest::Client,\n}}\n\n"
    );
    for handler in 0..HANDLERS_PER_FILE {
        let held = if handler % 10 == 0 { "" } else { "    drop(conn);\n" };
        let _ = writeln!(
            text,
            "/// Handles request {handler}.\npub async fn handle_{handler}(service: &Service{number}, id: i64) -> anyhow::Result<String> {{\n    \
             let mut conn = service.pool.acquire().await?;\n    let rows = load_{handler}(&mut conn, id).await?;\n    \
             let mut names = Vec::new();\n    for row in &rows {{\n        if row.len() > 3 {{\n            \
             names.push(format!(\"{{row}}-{{id}}\"));\n        }}\n    }}\n{held}    \
             let answer = service.http.post(\"http://service\").json(&names).send().await?;\n    \
             match answer.status().as_u16() {{\n        200 => Ok(answer.text().await?),\n        \
             code => Err(anyhow::anyhow!(\"{{code}}\")),\n    }}\n}}\n\n\
             async fn load_{handler}(conn: &mut PgConnection, id: i64) -> sqlx::Result<Vec<String>> {{\n    \
             sqlx::query_scalar(\"SELECT name FROM rows WHERE id = $1\").bind(id).fetch_all(conn).await\n}}\n\n\
             fn plain_{handler}(values: &[i64]) -> i64 {{\n    let mut sum = 0;\n    for value in values {{\n        \
             if value % 2 == 0 {{\n            sum += value;\n        }}\n    }}\n    sum\n}}\n"
        );
    }
    text
}
