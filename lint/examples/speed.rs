//! Generates a tree of Rust code, audits it, and prints lines per second.
//!
//! `cargo run --release -p cargo-shortlease --example speed [LINES] [DIRECTORY]`: with a directory, audits that instead.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use cargo_shortlease::{Silent, audit};

const HANDLERS_PER_FILE: usize = 40;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let lines = args.next().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let given = args.next().map(PathBuf::from);
    let generated = std::env::temp_dir().join(format!("shortlease-speed-{}", std::process::id()));
    if given.is_none() {
        generate(&generated, lines)?;
    }
    let directory = given.as_deref().unwrap_or(&generated);
    let start = Instant::now();
    let report = audit(directory, given.is_some(), &Silent);
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{} lines, {} functions, {} findings in {seconds:.2} s: {:.0} lines/s",
        report.lines,
        report.functions,
        report.findings.len(),
        per_second(report.lines, seconds)
    );
    if given.is_none() {
        std::fs::remove_dir_all(&generated)?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "lines are few enough")]
fn per_second(lines: usize, seconds: f64) -> f64 {
    lines as f64 / seconds
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
