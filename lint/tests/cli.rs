//! Runs the binary on a small service: formats, exit codes, baseline, configuration.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use cargo_shortlease::{Code, Finding, Silent, Use, recipe};
use serde_json::Value;

fn service() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/service")
}

fn run(directory: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-shortlease"))
        .arg("shortlease")
        .args(args)
        .arg(directory)
        .output()
        .expect("the binary runs")
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8")
}

/// Writes a package of one file.
fn package(manifest: &str, source: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("src")).expect("a folder");
    let manifest = format!(
        "[workspace]\n[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{manifest}"
    );
    std::fs::write(folder.path().join("Cargo.toml"), manifest).expect("a file");
    std::fs::write(folder.path().join("src/lib.rs"), source).expect("a file");
    folder
}

const HELD: &str =
    "pub async fn held(pool: &sqlx::PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut conn = pool.acquire().await?;
    http.get(\"http://slow\").send().await?;
    sqlx::query(\"SELECT 1\").execute(&mut *conn).await?;
    Ok(())
}
";

#[test]
fn the_readme_shows_the_service_s_report() {
    let output = run(&service(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let shown = std::fs::read_to_string(readme).expect("a README");
    let report = text(&output);
    assert!(shown.contains(report.trim_end()), "README.md should show:\n{report}");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let root = std::fs::read_to_string(root).expect("a README");
    let block = root.split("```text\n").find(|block| block.starts_with("error[SA001]"));
    let shown = block.and_then(|block| block.split("\n```").next()).expect("a report");
    assert!(report.starts_with(shown), "the root's README.md shows:\n{shown}");
}

#[test]
fn json_names_what_is_held_and_what_is_awaited() {
    let output = run(&service(), &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let codes: Vec<&str> = findings.iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["SA001", "SA001"]);
    let helper = findings.iter().find(|one| one["function"] == "announce").expect("the helper");
    assert_eq!(helper["callers"][0]["function"], "rename");
    assert_eq!(helper["waits"], "http");
}

/// `tests/sarif-2.1.0.json` is the schema that the log names, from schemastore.org.
#[test]
fn sarif_follows_its_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("sarif-2.1.0.json")).expect("a schema in JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/true");
    let mut codes = BTreeSet::new();
    for directory in [service(), corpus] {
        let output = run(&directory, &["--plain", "--format", "sarif"]);
        let log: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let wrong: Vec<String> = schema
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(wrong, Vec::<String>::new());
        let run = &log["runs"][0];
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in run["results"].as_array().expect("results") {
            let index = result["ruleIndex"].as_u64().and_then(|at| usize::try_from(at).ok());
            assert_eq!(rules[index.expect("an index")]["id"], result["ruleId"]);
            codes.insert(result["ruleId"].to_string());
        }
    }
    assert_eq!(codes.len(), Code::ALL.len(), "{codes:?}");
}

#[test]
fn sarif_shows_where_the_connection_is_taken_in_the_report_s_words() {
    let source = format!(
        "{HELD}pub async fn given(conn: &mut sqlx::PgConnection, http: &reqwest::Client) {{
    http.get(\"http://slow\").send().await.ok(); // shortlease: allow(SA002, reason = \"none\")
    sqlx::query(\"SELECT 1\").execute(conn).await.ok();
}}
pub async fn gives(pool: &sqlx::PgPool, http: &reqwest::Client) -> anyhow::Result<()> {{
    given(&mut *pool.acquire().await?, http).await;
    Ok(())
}}
"
    );
    let output = run(package("", &source).path(), &["--format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    let shown = |result: &Value| {
        let first = &result["relatedLocations"][0]["message"]["text"];
        (result["ruleId"].to_string(), first.as_str().map(str::to_owned))
    };
    let mut shown: Vec<_> = results.iter().map(shown).collect();
    shown.sort();
    let at = |code: &str, words: Option<&str>| (format!("\"{code}\""), words.map(str::to_owned));
    let expected = [
        at("SA001", Some("the connection is held from here on")),
        at("SA001", Some("the connection is taken here")),
        at("SA011", None),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn the_lines_of_a_file_are_counted() {
    let summary = text(&run(package("", "pub fn a() {}\n\npub fn b() {}\n").path(), &[]));
    assert!(summary.starts_with("0 findings in 3 lines of 2 functions"), "{summary}");
    let one = text(&run(package("", HELD).path(), &[]));
    assert!(one.contains("1 finding in 6 lines of 1 function (1 holds a connection)"), "{one}");
}

#[test]
fn github_annotations_escape_what_they_must() {
    let report = text(&run(&service(), &["--format", "github"]));
    let first = report.lines().next().expect("a line");
    assert!(first.starts_with("::error file=src/delivery.rs,line="), "{first}");
    assert!(first.contains("%0Ahelp: "), "{first}");
    assert_eq!(report.lines().count(), 2);
}

#[test]
fn a_clean_package_exits_with_zero() {
    let folder = package("", "pub async fn clean() {}\n");
    assert_eq!(run(folder.path(), &[]).status.code(), Some(0));
}

#[test]
fn a_savepoint_is_given_the_connection_of_its_transaction() {
    let source = "use shortlease::{Conn, Error, Postgres, Session, handler, leased};
#[leased]
async fn insert(conn: &mut Conn<Postgres>, id: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar(\"INSERT INTO t VALUES ($1) RETURNING id\").bind(id).fetch_one(conn).await
}
#[handler]
pub async fn import(db: &mut Session<Postgres>) -> Result<(), Error> {
    db.transaction(async |tx| {
        let first: Result<i64, Error> = tx.savepoint(async |sp| insert(sp, 1).await).await;
        match tx.savepoint(async |tx| { insert(tx, 2).await?; Ok(()) }).await {
            Ok(()) if first.is_ok() => insert(tx, 3).await.map(drop),
            other => other,
        }
    })
    .await
}
";
    let folder = package("", source);
    let output = run(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn only_new_findings_fail_with_a_baseline() {
    let folder = package("", HELD);
    let baseline = folder.path().join("known");
    let file = baseline.to_str().expect("UTF-8");
    assert_eq!(run(folder.path(), &["--write-baseline", file]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["--baseline", file]).status.code(), Some(0));

    let twice = format!("{HELD}{}", HELD.replace("fn held", "fn also_held"));
    std::fs::write(folder.path().join("src/lib.rs"), twice).expect("a file");
    let output = run(folder.path(), &["--baseline", file, "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["findings"].as_array().map(Vec::len), Some(1));
    assert_eq!(report["findings"][0]["function"], "also_held");
}

#[test]
fn a_package_that_cannot_be_read_fails_the_run() {
    let folder = package("", "pub async fn broken( {}\n");
    let output = run(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("src/lib.rs:1"));
}

#[test]
fn code_that_is_nested_deeply_is_read() {
    let sum = "1 + ".repeat(10_000);
    let deep = format!("{HELD}pub async fn deep() -> u64 {{\n    {sum}1\n}}\n");
    let output = run(package("", &deep).path(), &[]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_file_that_is_nested_too_deeply_is_reported_and_the_rest_is_audited() {
    let folder = package("", &format!("mod deep;\n{HELD}"));
    let nested = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        format!("pub async fn deep() -> u64 {{ {open}1{close} }}\n")
    };
    for depth in [900, 1_000_000] {
        std::fs::write(folder.path().join("src/deep.rs"), nested(depth)).expect("a file");
        let output = run(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(1));
        let errors = String::from_utf8_lossy(&output.stderr);
        let reason = "src/deep.rs: brackets are nested more than 1000 deep";
        assert_eq!(errors.contains(reason), depth > 1000, "{errors}");
    }
    let fix = run(folder.path(), &["fix"]);
    assert!(fix.status.code().is_some(), "{}", String::from_utf8_lossy(&fix.stderr));
}

#[test]
fn a_type_that_holds_itself_is_read() {
    let source = "pub struct Step { tx: sqlx::PgTransaction<'static>, inner: Vec<Step> }
pub async fn walk(step: &mut Step, http: &reqwest::Client) {
    http.get(\"http://slow\").send().await.ok();
    step.tx.rollback().await.ok();
}
";
    let output = run(package("", source).path(), &[]);
    assert!(output.status.code().is_some(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_macro_that_repeats_nothing_is_read() {
    let source = "macro_rules! odd { ($($($name:ident)?)*) => { async { 1 } }; }
pub async fn odd() -> u64 { odd!(1).await }
";
    assert_eq!(run(package("", source).path(), &[]).status.code(), Some(0));
}

#[test]
fn lines_count_from_the_top_of_a_script() {
    let folder = package("", &format!("#!/usr/bin/env run-cargo-script\n{HELD}"));
    let output = run(folder.path(), &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let line = HELD.lines().position(|line| line.contains(".send().await")).expect("the await");
    assert_eq!(report["findings"][0]["line"], line + 2);
}

#[test]
fn another_broken_file_is_reported_and_the_rest_is_audited() {
    let folder = package("", &format!("mod broken;\n{HELD}"));
    std::fs::write(folder.path().join("src/broken.rs"), "fn (").expect("a file");
    let output = run(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("src/broken.rs:1"));
}

#[test]
fn a_code_can_be_turned_off_and_a_mistake_in_the_table_fails() {
    let off = package("[package.metadata.shortlease]\noff = [\"SA001\"]\n", HELD);
    assert_eq!(run(off.path(), &[]).status.code(), Some(0));
    let mistake = package("[package.metadata.shortlease]\nof = [\"SA001\"]\n", HELD);
    assert_eq!(run(mistake.path(), &[]).status.code(), Some(2));
}

const ALLOW: &str = "// shortlease: allow(SA001, reason = \"a test\")\n";

#[test]
fn a_comment_on_a_code_that_is_off_allows_it_all_the_same() {
    let allowed = HELD.replace("    http", &format!("    {ALLOW}    http"));
    let off = package("[package.metadata.shortlease]\noff = [\"SA001\"]\n", &allowed);
    assert_eq!(run(off.path(), &[]).status.code(), Some(0));
    let unused = format!("{ALLOW}pub async fn clean() {{}}\n");
    assert_eq!(run(package("", &unused).path(), &[]).status.code(), Some(1));
    let off = package("[package.metadata.shortlease]\noff = [\"SA011\"]\n", &unused);
    assert_eq!(run(off.path(), &[]).status.code(), Some(0));
}

#[test]
fn a_comment_may_stand_behind_code_with_a_text_in_it() {
    let allowed = HELD.replace("?;\n    sqlx", &format!("?; {ALLOW}    sqlx"));
    assert_ne!(allowed, HELD);
    assert_eq!(run(package("", &allowed).path(), &[]).status.code(), Some(0));
    let text = format!("pub const MARK: &str = r#\"\n{ALLOW}\"#;\n");
    assert_eq!(run(package("", &text).path(), &[]).status.code(), Some(0));
}

#[test]
fn a_table_is_read_without_cargo_too() {
    let off = package("[package.metadata.shortlease]\noff = [\"SA001\"]\n", HELD);
    assert_eq!(run(off.path(), &["--plain"]).status.code(), Some(0));
}

#[test]
fn a_member_s_directory_has_the_paths_of_its_workspace() {
    let folder = tempfile::tempdir().expect("a folder");
    let workspace = "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n\
                     [workspace.metadata.shortlease]\nexclude = [\"two/src/left_out.rs\"]\n";
    std::fs::write(folder.path().join("Cargo.toml"), workspace).expect("a file");
    for name in ["one", "two"] {
        let member = folder.path().join(name);
        std::fs::create_dir_all(member.join("src")).expect("a folder");
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        std::fs::write(member.join("Cargo.toml"), manifest).expect("a file");
        std::fs::write(member.join("src/lib.rs"), HELD).expect("a file");
    }
    std::fs::write(folder.path().join("two/src/left_out.rs"), HELD).expect("a file");
    let known = folder.path().join("known");
    let file = known.to_str().expect("UTF-8");
    assert_eq!(run(folder.path(), &["--write-baseline", file]).status.code(), Some(0));
    let member = folder.path().join("one");
    let report: Value =
        serde_json::from_slice(&run(&member, &["--format", "json"]).stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let files: Vec<&str> = findings.iter().filter_map(|one| one["file"].as_str()).collect();
    assert_eq!(files, ["one/src/lib.rs", "two/src/lib.rs"]);
    assert_eq!(run(&member, &["--baseline", file]).status.code(), Some(0));
}

#[test]
fn code_that_tests_lack_is_no_test() {
    for condition in ["not(test)", "all(unix, not(test))"] {
        let source = format!("#[cfg({condition})]\n{HELD}");
        assert_eq!(run(package("", &source).path(), &[]).status.code(), Some(1), "{condition}");
    }
}

#[test]
fn a_guard_type_can_be_named_in_the_configuration() {
    let source = "pub async fn held(session: &mut db::Session, http: &reqwest::Client) {
    http.get(\"http://slow\").send().await.ok();
    session.save().await;
}
";
    let unnamed = package("", source);
    assert_eq!(run(unnamed.path(), &[]).status.code(), Some(0));
    let named = package("[package.metadata.shortlease]\nguards = [\"Session\"]\n", source);
    assert_eq!(run(named.path(), &[]).status.code(), Some(1));
}

#[test]
fn findings_in_tests_are_shown_if_asked_for() {
    let test = HELD.replace("pub async fn", "#[tokio::test]\nasync fn");
    let folder = package("", &test);
    assert_eq!(run(folder.path(), &[]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["--tests"]).status.code(), Some(1));
}

#[test]
fn a_file_that_only_tests_have_is_a_test() {
    let folder = package("", "#[cfg(test)]\nmod checks;\n");
    std::fs::write(folder.path().join("src/checks.rs"), HELD).expect("a file");
    assert_eq!(run(folder.path(), &[]).status.code(), Some(0));
    assert_eq!(run(folder.path(), &["--tests"]).status.code(), Some(1));
}

#[test]
fn modules_are_found_where_the_manifest_has_the_library() {
    let folder = package("[lib]\npath = \"parts/all.rs\"\n", "");
    let parts = folder.path().join("parts");
    std::fs::create_dir(&parts).expect("a folder");
    let held = HELD.replace("sqlx::PgPool", "crate::db::Pool");
    std::fs::write(parts.join("all.rs"), "mod db;\nmod work;\n").expect("a file");
    std::fs::write(parts.join("db.rs"), "pub use sqlx::PgPool as Pool;\n").expect("a file");
    std::fs::write(parts.join("work.rs"), held).expect("a file");
    for way in [&[][..], &["--plain"][..]] {
        assert_eq!(run(folder.path(), way).status.code(), Some(1), "{way:?}");
    }
}

#[test]
fn a_dependency_is_found_by_the_name_it_was_given() {
    let manifest = "[dependencies]\nsql = { package = \"sqlx\", version = \"0.8\" }\n\
                    store = { path = \"store\", package = \"acme-store\" }\n";
    let inside = HELD.replace("sqlx::PgPool", "store::Pool");
    let outside = HELD.replace("sqlx::PgPool", "sql::Pool<sql::Postgres>");
    // The feed of the dependency is generated, and not the one that sends through it.
    let generated = "pub struct Feed(store::generated::Feed);
impl Feed { pub async fn send(&self) { self.0.send().await } }
pub async fn held(pool: &sqlx::PgPool, feed: &Feed) -> sqlx::Result<()> {
    let mut conn = pool.acquire().await?;
    feed.send().await;
    conn.close().await
}
";
    for source in [inside, outside, generated.to_owned()] {
        let folder = package(manifest, &source);
        let store = folder.path().join("store");
        std::fs::create_dir_all(store.join("src")).expect("a folder");
        let own = "[package]\nname = \"acme-store\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        std::fs::write(store.join("Cargo.toml"), own).expect("a file");
        let library = "pub use sqlx::PgPool as Pool;\n";
        std::fs::write(store.join("src/lib.rs"), library).expect("a file");
        for way in [&[][..], &["--plain"][..]] {
            assert_eq!(run(folder.path(), way).status.code(), Some(1), "{way:?} {source}");
        }
    }
}

/// Writes the files of a folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

/// Returns the codes that are found in a folder, each with its file and what is called there.
fn found_in(folder: &Path, plain: bool) -> Vec<String> {
    let report = cargo_shortlease::audit(folder, plain, &Silent);
    assert_eq!(report.problems, [""; 0]);
    let mut found: Vec<String> = report
        .findings
        .iter()
        .map(|one| {
            let callees = one.callees.iter().map(|link| format!(" in {}", link.file));
            format!("{} {}{}", one.code.text(), one.file, callees.collect::<String>())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn packages_see_what_they_depend_on_and_no_other() {
    const WORKSPACE: &str = "[workspace]\nmembers = [\"v1\", \"v2\", \"server\"]\n\
        [workspace.dependencies]\nold = { path = \"v1\", package = \"shop-one\" }\n";
    let manifest = |name: &str, rest: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{rest}")
    };
    const LIB: &str = "[lib]\nname = \"shop\"\n";
    let held = HELD.replace("http.get(\"http://slow\").send().await?", "WORK");
    let held = |work: &str| held.replace("WORK", work);
    let own = held("shop::perform(http).await");
    const REMOTE: &str = "pub async fn perform(http: &reqwest::Client) {
    http.get(\"http://slow\").send().await.ok();
}
pub trait Ask { async fn inquire(&self); }
impl Ask for reqwest::Client { async fn inquire(&self) { self.get(\"http://slow\").send().await.ok(); } }
pub struct App; impl App { pub async fn refresh_all(&self) { reqwest::get(\"http://slow\").await.ok(); } }\n";
    const READY: &str = "pub async fn perform(_: &reqwest::Client) {}
pub trait Ask { async fn inquire(&self); }
impl Ask for reqwest::Client { async fn inquire(&self) {} }
pub struct App; impl App { pub async fn refresh_all(&self) {} }\n";
    // Neither the trait nor the type of this name is of another package.
    let by_name = held("{ http.inquire().await; (app()).refresh_all().await; }");
    let server = manifest("server", "[dependencies]\nold = { workspace = true }\n");
    let folder = folder(&[
        ("Cargo.toml", WORKSPACE),
        ("v1/Cargo.toml", &manifest("shop-one", LIB)),
        ("v1/src/lib.rs", &format!("mod names;\n{REMOTE}")),
        ("v1/src/main.rs", &own),
        ("v1/src/names.rs", &by_name),
        ("v2/Cargo.toml", &manifest("shop-two", LIB)),
        ("v2/src/lib.rs", &format!("mod names;\n{READY}")),
        ("v2/src/main.rs", &own),
        ("v2/src/names.rs", &by_name),
        ("server/Cargo.toml", &server),
        ("server/src/main.rs", &held("old::perform(http).await")),
    ]);
    for plain in [false, true] {
        let expected = [
            "SA001 server/src/main.rs in v1/src/lib.rs",
            "SA001 v1/src/main.rs in v1/src/lib.rs",
            "SA001 v1/src/names.rs in v1/src/lib.rs",
            "SA001 v1/src/names.rs in v1/src/lib.rs",
        ];
        assert_eq!(found_in(folder.path(), plain), expected, "{plain}");
    }
}

#[test]
fn files_of_no_target_are_not_audited() {
    let manifest = "[package]\nname = \"one\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
        [[bin]]\nname = \"tool\"\npath = \"tools/tool.rs\"\n[workspace]\n";
    let root = "mod plain; mod folder; pub mod r#type; mod outer { mod inner; }
cfg_if::cfg_if! { if #[cfg(unix)] { mod chosen; } }
macro_rules! modules { ($($name:ident)*) => { $(mod $name;)* } }
#[path = \"../shared/elsewhere.rs\"] mod elsewhere;
include!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/shared/included.rs\"));\n";
    let inside = [
        "src/plain.rs", "src/plain/deeper.rs", "src/folder/mod.rs", "src/folder/leaf.rs",
        "src/type.rs", "src/outer/inner.rs", "src/chosen.rs", "shared/elsewhere.rs",
        "shared/beside.rs", "shared/included.rs", "src/main.rs", "src/bin/more.rs",
        "src/bin/many/main.rs", "src/bin/many/part.rs", "tools/tool.rs", "tools/help.rs",
        "src/made.rs", "src/listed/all.rs",
    ];
    let outside = ["orig.rs", "src/old.rs", "src/plain/old.rs", "shared/old.rs", "old/src/lib.rs"];
    let text = |name: &str| match name {
        "src/plain.rs" => "mod deeper;\n".to_owned() + HELD,
        "src/folder/mod.rs" => "pub(crate) mod\nleaf;\n".to_owned() + HELD,
        "shared/elsewhere.rs" => "// A mod (of it).\nmod beside;\n".to_owned() + HELD,
        "src/bin/many/main.rs" => "mod part;\n".to_owned() + HELD,
        "tools/tool.rs" => "mod help; modules! { made }\n".to_owned() + HELD,
        "src/main.rs" => "automod::dir!(\"src/listed\"); modules!(made);\n".to_owned() + HELD,
        _ => HELD.to_owned(),
    };
    let root = format!("{root}modules!(made);\n");
    let mut files = vec![("Cargo.toml", manifest.to_owned()), ("src/lib.rs", root)];
    files.extend(inside.iter().chain(&outside).map(|name| (*name, text(name))));
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let folder = folder(&files);
    let found = |plain: bool| {
        let report = cargo_shortlease::audit(folder.path(), plain, &Silent);
        let files = report.findings.into_iter().map(|one| one.file);
        files.collect::<BTreeSet<String>>()
    };
    let inside: BTreeSet<String> = inside.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found(false), inside);
    // Without cargo, targets are not known, and no file is left out.
    assert_eq!(found(true).len(), inside.len() + outside.len());
}

#[test]
fn modules_that_glob_each_other_are_read_in_time() {
    let modules: String = (0..30)
        .map(|at| {
            let globs: String = (0..30)
                .filter(|other| *other != at)
                .map(|other| format!("pub use super::m{other}::*;\n"))
                .collect();
            format!("pub mod m{at} {{\n{globs}pub struct S{at} {{ inner: Missing{at} }}\n}}\n")
        })
        .collect();
    let folder = package("", &format!("{modules}use m0::*;\n{HELD}"));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(1));
}

#[test]
fn a_macro_that_calls_itself_is_not_read_for_ever() {
    let again = "again!{} ".repeat(30);
    let items =
        format!("macro_rules! again {{ () => {{ {again} async fn x() {{}} }} }}\nagain!{{}}");
    let folder = package("", &format!("{items}\n{HELD}"));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(1));
    let again = "again!(); ".repeat(30);
    let block = format!("macro_rules! again {{ () => {{ {{ {again} f().await; }} }} }}");
    let call = "async fn y() { again!(); }";
    let folder = package("", &format!("{block}\n{call}\n{HELD}"));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(1));
}

#[test]
fn a_name_that_no_module_declares_is_looked_for_once() {
    let modules: String = (0..40)
        .map(|at| {
            let others = (0..40).filter(|other| *other != at);
            let globs: String = others.map(|at| format!("pub use super::m{at}::*;\n")).collect();
            let next = (at + 1) % 40;
            let lost = format!("pub use super::m{next}::Lost;\npub struct S{at}(Lost);\n");
            format!("pub mod m{at} {{\n{globs}{lost}}}\n")
        })
        .collect();
    let folder = package("", &format!("{modules}use m0::*;\n{HELD}"));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(1));
}

#[test]
fn a_reader_that_has_gone_ends_nothing() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-shortlease"));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = command.arg(service()).stdout(writer).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_code_is_listed_and_explained() {
    let listed = text(&run(&service(), &["--list"]));
    assert_eq!(listed.lines().count(), 11);
    for line in listed.lines() {
        let code = &line[..5];
        let explained = text(&run(&service(), &["--explain", code]));
        assert!(explained.starts_with(&line.replacen("  ", ": ", 1)), "{explained}");
        assert!(explained.contains("Wrong:") && explained.contains("Right:"), "{explained}");
    }
    assert_eq!(run(&service(), &["--explain", "SA999"]).status.code(), Some(2));
}

/// A transaction with statements before a remote call and after it.
fn around(before: &str, after: &str) -> String {
    format!(
        "pub async fn pay(pool: &sqlx::PgPool, http: &reqwest::Client) -> Result<(), sqlx::Error> {{
    let mut tx = pool.begin().await?;
    {before}
    http.get(\"http://slow\").send().await.ok();
    {after}
    tx.commit().await?;
    Ok(())
}}
async fn seats(conn: &mut sqlx::PgConnection) -> Result<i64, sqlx::Error> {{
    let seats = sqlx::query_scalar(\"SELECT seats FROM shows\").bind(\"tonight\");
    seats.fetch_one(conn).await
}}
async fn take(conn: &mut sqlx::PgConnection) -> Result<(), sqlx::Error> {{
    seats(conn).await?;
    sqlx::query(\"UPDATE shows SET seats = 1\").execute(conn).await.map(drop)
}}
"
    )
}

const READ: &str = "let left = seats(&mut tx).await?; tracing::info!(\"{left} seats\");";
const WRITE: &str = "take(&mut tx).await?;";
const LOCK: &str = "sqlx::query(\"SELECT a FROM b FOR UPDATE\").execute(&mut *tx).await?;";
const CLAIM: &str =
    "sqlx::query(\"SELECT a FROM b FOR UPDATE SKIP LOCKED\").fetch_one(&mut *tx).await?;";

#[test]
fn the_help_and_the_plan_say_what_a_transaction_loses_when_it_is_split() {
    let committed = "the first is committed before the await, and stays committed";
    let cases: [(&str, &str, &[&str]); 6] = [
        (READ, WRITE, &["into one `db.lease`", "from line 5 on into a `db.transaction`"]),
        (READ, READ, &["into one `db.lease`", "from line 5 on into a second one"]),
        (WRITE, WRITE, &["into one `db.transaction`", "on into a second one", committed]),
        (WRITE, "", &["to here into one `db.transaction`; ", committed]),
        (LOCK, WRITE, &["the locks end with the first: check later if the rows are"]),
        ("", WRITE, &["take `tx` after line 4: no statement before it uses it"]),
    ];
    for (before, after, expected) in cases {
        let folder = package("", &around(before, after));
        let report = text(&run(folder.path(), &[]));
        for words in expected {
            assert!(report.contains(words), "{words}\n{report}");
        }
        let plan = text(&run(folder.path(), &["plan"]));
        let first = if before == WRITE { "become the first `db.transaction" } else { "4" };
        assert!(plan.contains(first), "{plan}");
        assert_eq!(plan.contains(committed), before == WRITE, "{plan}");
        let fix = fixed(folder.path());
        assert_eq!(fix.contains("may write before it calls out"), before == WRITE, "{fix}");
        assert_eq!(fix.contains("locks rows before it calls out"), before == LOCK, "{fix}");
    }
}

#[test]
fn a_chain_that_awaits_twice_is_one_finding() {
    let chain = HELD.replace(".send().await?", ".send().await?.text().await?");
    let two =
        HELD.replace(".send().await?;", ".send().await?; http.get(\"http://b\").send().await?;");
    let argument = HELD.replace("http.get", "http.post(http.get(\"a\").send().await?.url()).get");
    for (source, count) in [(chain, 1), (two, 2), (argument, 2)] {
        let report = text(&run(package("", &source).path(), &[]));
        assert_eq!(report.matches("error[SA001]").count(), count, "{report}");
        assert_eq!(report.contains("same chain of calls has 1 more await"), count == 1, "{report}");
    }
}

/// Returns the codes that are found in a file, with their lines.
fn found(source: &str) -> Vec<String> {
    let folder = package("", source);
    let report = cargo_shortlease::audit(folder.path(), true, &Silent);
    let findings = report.findings.iter();
    findings.map(|finding| format!("{} {}", finding.code.text(), finding.line)).collect()
}

#[test]
fn futures_that_are_awaited_together_are_judged_each() {
    let ready = "async fn number() -> u64 { 1 }\n";
    let held = |wait: &str| {
        ready.to_owned() + &HELD.replace("http.get(\"http://slow\").send().await?", wait)
    };
    const HTTP: &str = "reqwest::get(\"http://slow\")";
    for wait in [
        format!("let _ = tokio::join!(number(), {HTTP})"),
        format!("let _ = tokio::join!({HTTP}, number())"),
        format!("let _ = tokio::try_join!(number(), {HTTP})?"),
        format!("let _ = futures_util::join!(std::future::ready(1), {HTTP})"),
    ] {
        assert_eq!(found(&held(&wait)), ["SA003 4"], "{wait}");
    }
    let select = |one: &str, two: &str| {
        held(&format!("tokio::select! {{ _ = {one} => {{}}, _ = {two} => {{}} }}"))
    };
    let sleep = "tokio::time::sleep(SECOND)";
    assert_eq!(found(&select("number()", HTTP)), ["SA001 4"]);
    assert_eq!(found(&select(sleep, HTTP)), ["SA001 4"]);
    assert_eq!(found(&select(sleep, "number()")), ["SA003 4"]);
    assert_eq!(found(&select("number()", "number()")), [""; 0]);
    assert_eq!(found(&held("let _ = tokio::join!(number(), std::future::ready(1))")), [""; 0]);
}

#[test]
fn the_work_for_each_row_is_done_while_the_connection_is_held() {
    let read = |on: &str, rest: &str| {
        format!(
            "use futures::{{StreamExt, TryStreamExt}};
async fn http(id: &str) -> anyhow::Result<()> {{ reqwest::get(id).await?; Ok(()) }}
pub async fn read(pool: &sqlx::PgPool, seen: &mut Vec<String>) -> anyhow::Result<()> {{
    let mut conn = pool.acquire().await?; let mut ids = sqlx::query_scalar(\"SELECT id FROM t\").fetch({on})
        {rest};
    Ok(())\n}}\n"
        )
    };
    const ROWS: &str = "&mut *conn";
    for rest in [
        ".map_err(anyhow::Error::from).try_for_each(|id| async move { http(&id).await }).await?",
        ".for_each(|id| async move { http(&id).await.ok(); }).await",
        ".for_each(|id| http(&id)).await",
        ".map_err(anyhow::Error::from).and_then(|id| async move { http(&id).await }).try_collect().await?",
        ".and_then(|id| http(&id)).boxed().try_collect().await?",
        ".try_for_each(|id| reqwest::get(id)).await?",
        ".map(|id| async move { http(&id).await }).buffer_unordered(4).collect().await",
        ".chunks(9).map(|ids| http(&ids)).buffered(4).collect().await",
    ] {
        assert_eq!(found(&read(ROWS, rest)), ["SA001 5"], "{rest}");
    }
    for rest in [
        ".try_for_each(|id| { seen.push(id); std::future::ready(Ok(())) }).await?",
        ".and_then(|id| futures::future::ok(id)).try_collect().await?",
        ".try_filter(|id| { let empty = id.is_empty(); async move { empty } }).try_collect().await?",
        ".map(|id| id.map(|id: String| id.len())).try_collect().await?",
        // The futures are made while the rows are read, and run after the connection was given back.
        ".map(|id| async move { http(&id).await }).collect::<Vec<_>>().await; drop(conn); \
         futures::future::join_all(ids).await",
        ".try_collect().await?; drop(conn); for id in ids { http(&id).await?; }",
    ] {
        assert_eq!(found(&read(ROWS, rest)), [""; 0], "{rest}");
    }
    let pool = read("pool", ".try_for_each(|id| http(&id)).await?").replace("let mut conn =", "//");
    let pool = pool.replace("; let mut ids", ";\n    let mut ids");
    assert_eq!(found(&pool), ["SA007 6"], "{pool}");
}

#[test]
fn a_struct_keeps_the_reference_that_it_is_made_with() {
    let source = |made: &str| {
        format!(
            "use shortlease::{{Error, MySql, Session, Tx, handler, leased}};
pub struct Store<'t> {{ tx: &'t mut Tx<MySql> }}
#[leased] impl<'t> Store<'t> {{
    pub fn new(tx: &'t mut Tx<MySql>) -> Self {{ Store {{ tx }} }}
    pub async fn one(&mut self) -> sqlx::Result<()> {{ sqlx::query(\"DELETE FROM t\").execute(&mut *self.tx).await?; Ok(()) }}
}}
pub struct Sender<'t> {{ http: &'t reqwest::Client }}
impl<'t> Sender<'t> {{
    pub fn new(http: &'t reqwest::Client, _tx: &mut Tx<MySql>) -> Self {{ Sender {{ http }} }}
    pub async fn one(&self) -> reqwest::Result<()> {{ self.http.get(\"http://slow\").send().await?; Ok(()) }}
}}
#[handler] pub async fn run(db: &mut Session<MySql>, http: &reqwest::Client) -> Result<(), Error> {{
    db.transaction(async |tx| {{ let mut made = {made};
        made.one().await }}).await
}}\n"
        )
    };
    assert_eq!(found(&source("Store::new(tx)")), [""; 0]);
    assert_eq!(found(&source("Store { tx }")), [""; 0]);
    let held = source("Sender::new(http, tx)");
    assert_eq!(found(&held), ["SA001 14"]);
    let shown = fixed(package("", &held).path());
    assert!(shown.contains("`run` is code of shortlease already"), "{shown}");
}

#[test]
fn a_helper_writes_by_its_sql() {
    let open = |helper: &str, body: &str| {
        format!(
            "pub async fn run(pool: &sqlx::MySqlPool, stop: bool) -> sqlx::Result<()> {{
    let mut tx = pool.begin().await?;
    if stop {{ return Ok(()); }}
    {helper}(&mut tx).await?;
    Ok(())
}}
async fn {helper}(conn: &mut sqlx::MySqlConnection) -> sqlx::Result<()> {{ {body} }}
async fn inner(conn: &mut sqlx::MySqlConnection) -> sqlx::Result<()> {{
    sqlx::query(\"UPDATE t SET a = a + 1\").execute(conn).await.map(drop)
}}\n"
        )
    };
    let write = "sqlx::query(\"UPDATE t SET a = a + 1\").execute(conn).await.map(drop)";
    let read = "sqlx::query(\"SELECT a FROM t\").fetch_one(conn).await.map(drop)";
    let unseen = "sqlx::query(SQL).fetch_one(conn).await.map(drop)";
    for (helper, body, expected) in [
        ("bump", write, &["SA005 2"][..]),
        ("bump", "inner(conn).await", &["SA005 2"]),
        ("record", unseen, &["SA005 2"]),
        ("look", unseen, &[]),
        ("look", read, &[]),
        // Its name says that it writes, and its SQL that it does not.
        ("mark_of", read, &[]),
    ] {
        assert_eq!(found(&open(helper, body)), expected, "{helper} {body}");
    }
    let folder = package("", &open("bump", write));
    let shown = text(&run(folder.path(), &[]));
    assert!(shown.contains("5 |     Ok(())\n  |     ------ still open at this end"), "{shown}");
    let plan = text(&run(folder.path(), &["plan"]));
    assert!(plan.contains("on some path (open at line 5)"), "{plan}");
}

/// The names in the audit's lists of methods that run statements, write, read rows, begin or end something; but for
/// `commit` and `rollback`, which end what they are given.
const LISTED: &str = "abort acquire add_row all as_mut as_ref batch_execute begin begin_nested \
    begin_with bulk_insert by_ref client close conn copy_from copy_in copy_in_raw copy_out count \
    create delete delete_by_id describe detach exec exec_with_returning exec_without_returning \
    execute execute_many execute_unprepared fetch fetch_all fetch_many fetch_one fetch_optional \
    fetch_page find find_by_id first for_update get get_conn get_result get_results insert insert_many \
    interact leak load load_stream lock lock_exclusive mark num_items num_pages one open paginate ping \
    prepare prepare_cached prepare_typed query query_all query_as query_one query_opt query_portal_raw \
    query_raw query_scalar query_typed query_typed_raw record release remove replace_into \
    finish return_to_pool run save savepoint set_row simple_query skip_locked start store stream \
    take transaction update update_many upsert";

#[test]
fn a_helper_is_judged_by_its_body_whatever_its_name() {
    const READS: &str = "sqlx::query(\"SELECT a FROM t\").fetch_one(conn).await.map(drop)";
    const WRITES: &str = "sqlx::query(\"UPDATE t SET a = 1\").execute(conn).await.map(drop)";
    const SEND: &str =
        "use http::send; mod http { pub async fn send(http: &reqwest::Client, row: &()) {
    http.post(\"http://slow\").json(row).send().await.ok();
} }\n";
    const HELPER: &str = "conn: &mut sqlx::PgConnection) -> sqlx::Result<()>";
    // Each way to call a helper, with what declares it.
    let helpers = [
        ("self::NAME(&mut *tx)", format!("pub async fn NAME({HELPER} {{ BODY }}")),
        (
            "NAME(&mut tx)",
            format!("use inner::NAME; mod inner {{ pub async fn NAME({HELPER} {{ BODY }} }}"),
        ),
        (
            "Rows::NAME(&mut tx)",
            format!("struct Rows; impl Rows {{ async fn NAME({HELPER} {{ BODY }} }}"),
        ),
        (
            "Rows.NAME(&mut tx)",
            format!("struct Rows; impl Rows {{ async fn NAME(&self, {HELPER} {{ BODY }} }}"),
        ),
        (
            "rows().NAME(&mut tx)",
            format!(
                "fn rows() -> std::sync::Arc<dyn Rows> {{ std::sync::Arc::new(Stored) }}
    trait Rows {{ async fn NAME(&self, {HELPER}; }}
    struct Stored; impl Rows for Stored {{ async fn NAME(&self, {HELPER} {{ BODY }} }}"
            ),
        ),
    ];
    let mut wrong = Vec::new();
    for (body, writes) in [(READS, false), (WRITES, true)] {
        for (call, helper) in &helpers {
            let modules = LISTED.split_whitespace().map(|name| {
                format!(
                    "mod of_NAME {{ {helper}
pub async fn held_NAME(pool: &sqlx::PgPool, http: &reqwest::Client) -> sqlx::Result<()> {{
    let mut tx = pool.begin().await?;
    let given = {call}.await?;
    crate::send(http, &given).await;
    {call}.await?;
    tx.commit().await
}}
pub async fn left_NAME(pool: &sqlx::PgPool) -> sqlx::Result<()> {{
    let mut tx = pool.begin().await?;
    {call}.await?;
    Ok(())
}} }}\n"
                )
                .replace("NAME", name)
                .replace("BODY", body)
            });
            let folder = package("", &(SEND.to_owned() + &modules.collect::<String>()));
            let report = cargo_shortlease::audit(folder.path(), true, &Silent);
            for name in LISTED.split_whitespace() {
                let codes = |function: String| {
                    let of = report.findings.iter().filter(move |one| one.function == function);
                    let writes = |one: &Finding| one.before >= Use::Writes;
                    of.map(|one| (one.code, writes(one), one.between_rows)).collect::<Vec<_>>()
                };
                let expected = vec![(Code::Sa001, writes, false)];
                let left = if writes { vec![(Code::Sa005, false, false)] } else { vec![] };
                let found = (codes(format!("held_{name}")), codes(format!("left_{name}")));
                if found != (expected, left) {
                    wrong.push(format!("{name} by `{call}`: {found:?}"));
                }
            }
        }
    }
    assert_eq!(wrong, [""; 0], "{}", wrong.join("\n"));
}

#[test]
fn a_connection_out_of_a_channel_is_held() {
    let take = "pool.acquire().await?";
    let source = |item: &str| {
        let pool = format!("pool: &mut tokio::sync::mpsc::Receiver<{item}>");
        let source = HELD.replace("pool: &sqlx::PgPool", &pool);
        source.replace(take, "pool.recv().await.unwrap()")
    };
    assert_eq!(found(&source("sqlx::pool::PoolConnection<sqlx::Postgres>")), ["SA001 3"]);
    assert_eq!(found(&source("Event")), [""; 0]);
}

#[test]
fn in_a_loop_what_stands_after_the_call_comes_before_the_next() {
    let call = "http.get(\"http://slow\").send().await.ok();";
    let source = around(READ, WRITE).replace(call, &format!("loop {{ {call} {WRITE} }}"));
    let report = text(&run(package("", &source).path(), &[]));
    assert!(report.contains("the first is committed before the await"), "{report}");
}

#[test]
fn the_recipe_fits_the_code_around_the_await() {
    let acquired = |before: &str, after: &str| {
        around(before, after)
            .replace("begin()", "acquire()")
            .replace("    tx.commit().await?;\n", "")
    };
    let middleware = around(READ, READ).replace("http: &", "next: Next, http: &");
    for (source, recipe) in [
        (around(READ, WRITE), "recipes.md#read-call-write"),
        (around(LOCK, WRITE), "recipes.md#read-call-write"),
        (around(WRITE, WRITE), "recipes.md#compensation"),
        (around(WRITE, ""), "recipes.md#an-outbox-commit-only-if-the-mail-was-sent"),
        (around(CLAIM, WRITE), "recipes.md#a-job-queue-claim-call-complete"),
        (middleware, "recipes.md#authentication-middleware"),
        (acquired(READ, WRITE), "recipes.md#read-call-write"),
        (acquired(WRITE, WRITE), "recipes.md#read-call-write"),
        (around(READ, ""), "cookbook.md#remote-calls-that-cannot-be-misplaced"),
    ] {
        let folder = package("", &source);
        for args in [&[][..], &["plan"][..]] {
            let shown = text(&run(folder.path(), args));
            assert!(shown.contains(&format!("docs/{recipe}\n")), "{recipe}\n{shown}");
        }
    }
}

#[test]
fn every_recipe_is_in_the_documents() {
    let lint = Path::new(env!("CARGO_MANIFEST_DIR"));
    let advice = std::fs::read_to_string(lint.join("src/advice.rs")).expect("a file");
    let linked: BTreeSet<&str> = advice.split('"').filter(|text| text.contains(".md#")).collect();
    assert!(linked.len() >= 10, "{linked:?}");
    for recipe in Code::ALL.iter().filter_map(|code| recipe(*code)) {
        assert!(linked.iter().any(|section| recipe.ends_with(section)), "{recipe}");
    }
    for link in linked {
        let (document, section) = link.split_once('#').expect("a section");
        let path = lint.join("../docs").join(document);
        let document = std::fs::read_to_string(path).expect("a document");
        let titles = document.lines().filter_map(|line| line.strip_prefix("## "));
        let mut sections = titles
            .map(|title| title.to_lowercase().replace(' ', "-").replace(['\'', ',', ':', '`'], ""));
        assert!(sections.any(|title| title == section), "{link}");
    }
}

#[test]
fn the_plan_orders_the_work_in_each_format() {
    let plan = text(&run(&service(), &["plan"]));
    assert!(plan.contains("deliver (src/delivery.rs:6)"), "{plan}");
    assert!(plan.ends_with("5 clean, 2 held, 0 unknown\n"), "{plan}");
    let output = run(&service(), &["plan", "--format", "json"]);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["functions"][0]["state"], "held");
    let page = text(&run(&service(), &["plan", "--format", "html"]));
    assert!(page.starts_with("<!doctype html>"), "{page}");
    for outside in ["src=", "href=", "@import", "url("] {
        assert!(!page.contains(outside), "the page needs nothing else: {outside}");
    }
}

/// Returns the report of one file, and its plan.
fn shown(source: &str) -> (String, String) {
    let folder = package("", source);
    (text(&run(folder.path(), &[])), text(&run(folder.path(), &["plan"])))
}

#[test]
fn rows_that_are_read_around_the_call_are_to_be_collected() {
    const COLLECT: &str = "collect the rows first (`fetch_all`), or read them in pages";
    let rows = "let mut rows = sqlx::query(\"SELECT 1\").fetch(&mut *conn);
    while let Some(_row) = rows.try_next().await? {
        http.get(\"http://slow\").send().await?;
    }";
    let looped = HELD.replace("http.get(\"http://slow\").send().await?;", rows);
    let (report, plan) = shown(&looped);
    assert!(report.contains(COLLECT) && report.contains("#pages-instead-of-a-stream"), "{report}");
    assert!(plan.contains(COLLECT), "{plan}");
    // They are read to their end, and the connection is held all the same.
    let read = looped.replace(
        "        http.get(\"http://slow\").send().await?;\n    }",
        "    }\n    http.get(\"http://slow\").send().await?;",
    );
    let (report, _) = shown(&read);
    assert!(report.contains("SA001") && !report.contains(COLLECT), "{report}");
}

#[test]
fn a_method_that_only_commits_uses_nothing() {
    let source = "pub struct Unit { tx: sqlx::PgTransaction<'static> }
impl Unit {
    pub async fn done(self) -> sqlx::Result<()> { self.tx.commit().await }
    pub async fn save(&mut self) -> sqlx::Result<()> {
        sqlx::query(\"UPDATE t SET a = 1\").execute(&mut *self.tx).await.map(drop)
    }
}
pub async fn run(pool: &sqlx::PgPool, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut unit = Unit { tx: pool.begin().await? };
    unit.save().await?;
    http.get(\"http://slow\").send().await?;
    unit.done().await?;
    Ok(())
}
";
    let (report, _) = shown(source);
    assert!(report.contains("end `unit`") && !report.contains("those from line"), "{report}");
    let (report, _) = shown(&source.replace("unit.done()", "unit.save().await?; unit.done()"));
    assert!(report.contains("and those from line 12 on into a second one"), "{report}");
}

#[test]
fn the_plan_says_each_thing_once_and_names_the_helpers() {
    let (_, plan) = shown(&around(READ, WRITE));
    let helpers = "mark with `#[leased]`, as they are given the connection: `seats`, `take`\n";
    assert!(plan.contains(helpers), "{plan}");
    let own = "sqlx::query(\"SELECT 1\").execute(&mut *tx).await?;";
    let wait = "http.get(\"http://slow\").send().await.ok();";
    let twice = around("", own).replace(wait, &format!("{own} {wait} {wait}"));
    let twice = twice.replace("    \n", "");
    let (_, plan) = shown(&twice);
    assert!(!plan.contains("#[leased]"), "{plan}");
    assert_eq!(plan.matches("for the statements from line").count(), 1, "{plan}");
    assert!(plan.contains("; line 2 becomes the first"), "{plan}");
}

#[test]
fn a_wait_for_no_other_service_has_no_recipe_of_those() {
    for wait in ["tokio::time::sleep(SECOND)", "lock.lock()", "slots.acquire_owned()"] {
        let (report, plan) = shown(
            &HELD.replace("http.get(\"http://slow\").send().await?", &format!("{wait}.await")),
        );
        assert!(report.contains("SA003") && !report.contains("recipe:"), "{report}");
        assert!(!plan.contains("see http"), "{plan}");
    }
    let yields =
        HELD.replace("http.get(\"http://slow\").send().await?", "tokio::task::yield_now().await");
    let (report, _) = shown(&yields);
    assert!(report.contains("warning[SA003]: a task is awaited"), "{report}");
}

#[test]
fn an_extractor_before_the_body_is_marked_by_its_name() {
    let source = "pub struct Tx(pub sqlx::PgTransaction<'static>);
impl<S> FromRequestParts<S> for Tx {
    async fn from_request_parts(_: &mut Parts, state: &S) -> Result<Self, Error> {
        Ok(Tx(pool(state).begin().await?))
    }
}
pub async fn one(Tx(mut tx): Tx, Json(n): Json<i64>) -> Result<(), Error> {
    sqlx::query(\"SELECT 1\").bind(n).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}
";
    let (report, plan) = shown(source);
    assert!(report.contains("^^^^^^^^^^ held while `Json(n)` reads the body"), "{report}");
    assert!(plan.contains("(Json(n))"), "{plan}");
}

#[test]
fn the_plan_is_for_the_findings_that_are_asked_for() {
    let test = HELD.replace("pub async fn held", "#[tokio::test]\nasync fn tested");
    let folder = package("", &format!("{HELD}{test}"));
    let known = folder.path().join("known");
    let file = known.to_str().expect("UTF-8");
    let plan = |flags: &[&str]| {
        let output = run(folder.path(), &[&["plan"][..], flags].concat());
        text(&output).lines().last().expect("a line").to_owned()
    };
    assert_eq!(plan(&[]), "0 clean, 1 held, 0 unknown");
    assert_eq!(plan(&["--tests"]), "0 clean, 2 held, 0 unknown");
    assert_eq!(run(folder.path(), &["--write-baseline", file]).status.code(), Some(0));
    assert_eq!(plan(&["--baseline", file]), "0 clean, 0 held, 0 unknown");
    let before = run(folder.path(), &["--baseline", file, "plan"]);
    assert_eq!(before.status.code(), Some(0), "{}", text(&before));
    // The transaction of another crate is one by the names of its methods alone.
    let unsure =
        "pub async fn unsure(pay: &pay::Pay, http: &reqwest::Client) -> anyhow::Result<()> {
    let mut op = pay.begin_op().await?;
    http.get(\"http://slow\").send().await?;
    op.commit().await?;
    Ok(())
}
";
    std::fs::write(folder.path().join("src/lib.rs"), unsure).expect("a file");
    assert_eq!(plan(&["--min-confidence", "low"]), "0 clean, 0 held, 1 unknown");
    assert_eq!(plan(&["--min-confidence", "high"]), "0 clean, 0 held, 0 unknown");
}

#[test]
fn flags_that_a_command_does_not_heed_are_refused() {
    for (command, flag) in [
        ("fix", "--tests"),
        ("escapes", "--min-confidence=high"),
        ("size", "--baseline=known"),
        ("plan", "--write-baseline=known"),
        ("plan", "--format=json"),
    ] {
        let rest: &[&str] = if command == "size" {
            &[
                "--sessions", "1", "--calls-per-second", "1", "--call-time", "1",
                "--database-time", "1", "--target-wait", "1",
            ]
        } else {
            &[]
        };
        let output = run(&service(), &[&[flag, command][..], rest].concat());
        assert_eq!(output.status.code(), Some(2), "{command} {flag}");
        let errors = String::from_utf8_lossy(&output.stderr);
        let name = flag.split('=').next().expect("a name");
        assert!(errors.contains(&format!("`{name}` does not go with this command")), "{errors}");
    }
}

#[test]
fn size_prints_the_plan_of_the_operating_guide() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-shortlease"))
        .args(["size", "--sessions", "2000", "--calls-per-second", "0.5", "--call-time", "2"])
        .args(["--leases-per-call", "2", "--database-time", "4", "--target-wait", "5"])
        .args(["--instances", "4"])
        .output()
        .expect("the binary runs");
    let printed = text(&output);
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operating.md");
    let guide = std::fs::read_to_string(guide).expect("the guide");
    assert!(guide.contains(printed.trim_end()), "{printed}");
}

#[test]
fn escapes_are_listed_with_their_reasons() {
    let source = "use shortlease::Conn;
pub async fn odd(conn: &mut Conn<Sqlite>) {
    conn.unchecked(\"vendor's own macro\", run).await;
}
";
    let folder = package("", source);
    let listed = text(&run(folder.path(), &["escapes"]));
    assert_eq!(listed, "src/lib.rs:3: unchecked: vendor's own macro\n");
}

#[test]
fn escapes_are_listed_however_lines_are_broken() {
    let source = "use shortlease::{Conn, Session, handler};
#[handler(trust(logged), allow(SL004 = \"a small file\", SL006 = \"an old helper\"))]
pub async fn odd(db: &mut Session<Sqlite>, pool: &SqlitePool) {
    let url = \"http://a\"; let held = pool
        .acquire()
        .await;
    conn.unchecked(
        \"vendor's own macro\",
        run,
    ).await;
    // conn.unchecked(\"no code\", run)
    //shortlease: allow(SA001, reason = \"a loopback\")
}
";
    let listed = text(&run(package("", source).path(), &["escapes"]));
    let expected = "src/lib.rs:2: allow: a small file
src/lib.rs:2: allow: an old helper
src/lib.rs:2: trust: #[handler(trust(logged), allow(SL004 = \"a small file\", SL006 = \"an old helper\"))]
src/lib.rs:5: raw: .acquire()
src/lib.rs:7: unchecked: vendor's own macro
src/lib.rs:12: allow: a loopback
";
    assert_eq!(listed, expected);
}

#[test]
fn raw_ways_are_listed_in_every_file_and_permits_are_none() {
    let source = "pub struct App { slots: Semaphore, pool: PgPool }
impl App {
    pub async fn run(&self) {
        let permit = self.slots.acquire().await;
        let conn = self.pool.acquire().await;
        let tx = self
            .pool.begin().await;
        self.check.unchecked(permit, conn, tx);
    }
}
";
    let listed = text(&run(package("", source).path(), &["escapes"]));
    let expected = "src/lib.rs:5: raw: let conn = self.pool.acquire().await;
src/lib.rs:7: raw: .pool.begin().await;
";
    assert_eq!(listed, expected);
}

#[test]
fn a_comment_that_allows_nothing_says_why() {
    let allowed = |comment: &str| {
        HELD.replace("    http", &format!("    // shortlease: {comment}\n    http"))
    };
    for (comment, fault) in [
        ("allow(SA001)", "it gives no reason: `allow(SA001, reason = \"..\")`"),
        ("allow(SA001, reason = \" \")", "it gives no reason"),
        ("allow(SL001, reason = \"small\")", "`SL001` is a code of the macro"),
        ("allow(held, reason = \"small\")", "`held` is no code"),
        ("allow(reason = \"SA001\")", "it names no code"),
        ("allow(SA003, reason = \"small\")", "nothing of that code is found here"),
    ] {
        let (report, _) = shown(&allowed(comment));
        assert!(report.contains("SA001") && report.contains("SA011"), "{comment}\n{report}");
        assert_eq!(report.matches(fault).count(), 2, "{comment}\n{report}");
    }
    for comment in [
        "allow(SA001, reason = \"three (small) files\")",
        "allow(SA001 = \"three (small) files\")",
        "allow(SA003 = \"no\", SA001 = \"small\")",
    ] {
        assert_eq!(found(&allowed(comment)), [""; 0], "{comment}");
    }
}

#[test]
fn a_file_that_does_not_end_says_so() {
    let folder = package("", &format!("mod broken;\n{HELD}"));
    std::fs::write(folder.path().join("src/broken.rs"), "\nfn one() {\n").expect("a file");
    let output = run(folder.path(), &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(errors.contains(": a bracket or a literal does not end"), "{errors}");
}

#[test]
fn the_next_step_names_the_database() {
    for (pool, features) in
        [("Pg", " --features postgres"), ("MySql", " --features mysql"), ("Sqlite", "")]
    {
        let source = split("acquire", "SELECT 1", "SELECT 1").replace("Pg", pool);
        let applied = text(&run(package("", &source).path(), &["fix", "--apply"]));
        assert!(applied.contains(&format!("`cargo add shortlease{features}`")), "{applied}");
    }
}

fn fixed(directory: &Path) -> String {
    text(&run(directory, &["fix"]))
}

/// A service on a pool of sqlx, and what becomes of it. The crate of the tests compiles and runs both.
const CONVERTED: &str = "../tests/tests/shared_pool/converted";

#[test]
fn a_service_is_converted_as_the_tests_run_it() {
    let converted = Path::new(env!("CARGO_MANIFEST_DIR")).join(CONVERTED);
    let folder = package("", "");
    let sources: Vec<(PathBuf, PathBuf)> = std::fs::read_dir(converted.join("before"))
        .expect("the service")
        .map(|entry| {
            let name = PathBuf::from(entry.expect("a file").file_name());
            let copied = if name.ends_with("mod.rs") { Path::new("lib.rs") } else { &name };
            let copied = folder.path().join("src").join(copied);
            std::fs::copy(converted.join("before").join(&name), &copied).expect("a copy");
            (copied, converted.join("after").join(name))
        })
        .collect();
    let shown = fixed(folder.path());
    assert!(shown.contains("+    #[shortlease::handler]"), "{shown}");
    assert!(shown.ends_with("writes this\n"), "{shown}");
    let applied = run(folder.path(), &["fix", "--apply"]);
    assert_eq!(applied.status.code(), Some(0), "{}", text(&applied));
    assert_eq!(run(folder.path(), &[]).status.code(), Some(0), "nothing is found any more");
    for (file, kept) in sources {
        let formatted = Command::new("rustfmt")
            .args(["--edition", "2024", "--config-path"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../rustfmt.toml"))
            .arg(&file)
            .output()
            .expect("rustfmt runs");
        assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stderr));
        let now = std::fs::read_to_string(file).expect("a file");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&kept, &now).expect("a file");
        }
        let before = std::fs::read_to_string(&kept).expect("BLESS=1 writes it");
        assert_eq!(before, now, "BLESS=1 writes {}", kept.display());
    }
}

/// A handler whose statements are given, and a helper that writes.
fn handler(statements: &str) -> String {
    format!(
        "use sqlx::{{PgConnection, PgPool}};
type Error = Box<dyn std::error::Error + Send + Sync>;
pub struct App {{ pool: PgPool, http: reqwest::Client }}
pub fn app(pool: PgPool, http: reqwest::Client) -> App {{ App {{ pool, http }} }}
pub async fn write(conn: &mut PgConnection) -> Result<(), sqlx::Error> {{
    sqlx::query(\"UPDATE tools SET uses = 1\").execute(conn).await?;
    Ok(())
}}
pub async fn handle(app: &App) -> Result<(), Error> {{
{statements}
}}
"
    )
}

#[test]
fn what_fails_before_a_commit_rolls_back_in_fix() {
    let source = |check: &str| {
        handler(&format!(
            "let mut tx = app.pool.begin().await?;\napp.http.get(\"http://slow\").send().await?;\n\
             let done = sqlx::query(\"UPDATE t SET a = 1\").execute(&mut *tx).await?;\n\
             {check}\ntx.commit().await?;\nOk(())"
        ))
    };
    for check in ["let n: i64 = text(done).parse()?;", "assert_eq!(done.rows_affected(), 1);"] {
        let shown = fixed(package("", &source(check)).path());
        assert!(shown.contains(&format!(" {check}\n")), "{shown}");
        let (lease, _) = shown.split_once("}).await?;").expect("a transaction");
        assert!(lease.contains("Ok(())") && lease.contains(check), "{shown}");
    }
    for (check, reason) in [
        (
            "if done.rows_affected() != 1 { return Err(gone()); }",
            "returns out of a lease (line 13)",
        ),
        ("let _both = tokio::try_join!(one(), two())?;", "calls the macro `try_join!` in a lease"),
    ] {
        let shown = fixed(package("", &source(check)).path());
        assert!(shown.contains(&format!("`handle` {reason}")), "{shown}");
    }
}

#[test]
fn what_cannot_pass_the_border_of_a_lease_is_refused() {
    let source = |statements: &str, end: &str| {
        handler(&format!(
            "let first: i64;\nlet mut conn = app.pool.acquire().await?;\n\
             let rows: Vec<String> = sqlx::query_scalar(\"SELECT a FROM t\").fetch_all(&mut *conn).await?;\n\
             {statements}\nwrite(&mut conn).await?;\n\
             app.http.get(\"http://slow\").send().await?;\n{end}; Ok(())"
        ))
    };
    for (statements, end, reason) in [
        (
            "let name = rows.first();",
            "print(name)",
            Some("may borrow from a variable of its lease in `name` (line 13)"),
        ),
        (
            "let name: &str = &rows[0];",
            "print(name)",
            Some("may borrow from a variable of its lease in `name` (line 13)"),
        ),
        ("let name: String = rows.join(\"\");", "print(name)", None),
        ("let name = rows.len();", "print(name)", None),
        ("let name = rows.first();", "print(rows)", None),
        ("let wide = rows.len();", "println!(\"{:>wide$}\", 1)", None),
        (
            "let name = rows.part;",
            "print(rows, name)",
            Some("may move `name` out of `rows`, and needs both behind the lease (line 13)"),
        ),
        ("let name: i64 = rows.part;", "print(rows, name)", None),
        ("let name = rows.part;", "print(name)", None),
        (
            "first = 1;",
            "print(first)",
            Some("declares `first` without a value, and sets it in a lease (line 10)"),
        ),
        ("const N: i64 = 1;", "print(N)", Some("declares an item in a lease (line 13)")),
    ] {
        let shown = fixed(package("", &source(statements, end)).path());
        match reason {
            Some(reason) => assert!(shown.contains(&format!("`handle` {reason}")), "{shown}"),
            None => {
                assert!(shown.contains("0 refusals"), "{shown}");
                let kept = !end.contains("wide") || shown.contains("Ok(wide)");
                assert!(kept, "{shown}");
            }
        }
    }
}

#[test]
fn a_function_that_is_given_as_a_value_keeps_its_type_in_fix() {
    let used = handler(
        "let mut conn = app.pool.acquire().await?; write(&mut conn).await?; app.http.get(\"a\").send().await?; Ok(())",
    ) + "pub fn given() { each(write); }\n";
    let shown = fixed(package("", &used).path());
    let reason = "goes together with `write` (src/lib.rs:5), which may be called in another way (src/lib.rs:12)";
    assert!(shown.contains(reason), "{shown}");
    let source = |more: &str| {
        package(
            "",
            &format!(
                "pub struct App {{ pool: sqlx::PgPool, http: reqwest::Client }}
pub async fn held(app: &App) -> Result<(), sqlx::Error> {{
    let mut conn = app.pool.acquire().await?;
    sqlx::query(\"UPDATE t SET a = 1\").execute(&mut *conn).await?;
    app.http.get(\"http://slow\").send().await.ok();
    Ok(())
}}
{more}\n"
            ),
        )
    };
    let is_replaced = |more: &str| {
        let shown = fixed(source(more).path());
        assert!(shown.contains("1 function to convert, 0 refusals"), "{shown}");
        shown.contains("Result<(), shortlease::Error>")
    };
    assert!(is_replaced(""));
    assert!(!is_replaced("pub fn given() { each(held); }"));
    assert!(!is_replaced(
        "pub async fn spawned(app: App) { tokio::spawn(async move { held(&app).await }); }"
    ));
    assert!(!is_replaced(
        "pub fn later(app: &App) -> impl Future<Output = sqlx::Result<()>> { held(app) }"
    ));
}

#[test]
fn what_is_not_mechanical_is_refused_with_the_reason() {
    const CALL: &str = "app.http.get(\"http://slow\").send().await?;";
    let cases = [
        (
            format!(
                "let mut tx = app.pool.begin().await?; write(&mut tx).await?;\n{CALL}\n\
                 write(&mut tx).await?; tx.commit().await?; Ok(())"
            ),
            "may write before it calls out (line 10)",
        ),
        (
            format!("let mut tx = app.pool.begin().await?;\n{CALL}\nwrite(&mut tx).await?; Ok(())"),
            "does not have `tx.commit().await?;` as a statement of its own",
        ),
        (
            format!(
                "let mut conn = app.pool.acquire().await?;\n\
                 if write(&mut conn).await.is_err() {{ return Ok(()); }}\n{CALL}\nOk(())"
            ),
            "returns out of a lease (line 11)",
        ),
        (
            format!(
                "let mut conn = app.pool.acquire().await?;\n\
                 #[cfg(test)] write(&mut conn).await?;\n{CALL}\nOk(())"
            ),
            "has an attribute in a lease (line 11)",
        ),
        (
            format!(
                "let mut conn = app.pool.acquire().await?;\nfor _ in 0..2 {{ {CALL} write(&mut conn).await?; }}\nOk(())"
            ),
            "awaits something else inside a loop that uses its connection (line 11)",
        ),
        (
            format!(
                "let mut conn = app.pool.acquire().await?; let kept = Some(&mut conn);\n{CALL}\n\
                 drop(kept); Ok(())"
            ),
            "does not pass `conn` to a query or a helper by itself (line 10)",
        ),
        (
            format!(
                "let mut conn = match app.pool.acquire().await {{ Ok(conn) => conn, Err(error) => \
                 return Err(error.into()) }};\n{CALL}\nwrite(&mut conn).await?; Ok(())"
            ),
            "does not take its connection by `let mut name = pool.begin().await?;`",
        ),
        (
            format!(
                "let mut conn = app.pool.acquire().await?; write(&mut conn).await?;\n{CALL}\n\
                 sqlx::query(\"SELECT 1\").execute(&app.pool).await?; Ok(())"
            ),
            "uses `app.pool` for more",
        ),
        (
            format!(
                "loop {{ let mut conn = app.pool.acquire().await?;\n{CALL}\nwrite(&mut conn).await?; }}"
            ),
            "takes its connection in a loop (line 10)",
        ),
        (
            format!(
                "let mut one = app.pool.acquire().await?; write(&mut one).await?; drop(one);\n\
                 let mut two = app.pool.acquire().await?;\n{CALL}\nwrite(&mut two).await?; Ok(())"
            ),
            "holds 2 connections (lines 10 and 11)",
        ),
    ];
    for (statements, reason) in cases {
        let folder = package("", &handler(&statements));
        let shown = fixed(folder.path());
        assert!(shown.contains(&format!("`handle` {reason}")), "{reason}\n{shown}");
        assert!(shown.contains("0 functions to convert, 1 refusal"), "{shown}");
    }
}

/// A handler with statements of its own before a remote call and after it.
fn split(take: &str, before: &str, after: &str) -> String {
    let end = if take == "begin" { "conn.commit().await?;" } else { "" };
    let run = |sql: &str| match sql {
        "" => String::new(),
        sql if sql.contains("(&mut") => sql.to_owned(),
        sql => format!("sqlx::query(\"{sql}\").execute(&mut *conn).await?;"),
    };
    let (before, after) = (run(before), run(after));
    handler(&format!(
        "let mut conn = app.pool.{take}().await?;\n{before}\n\
         app.http.get(\"http://slow\").send().await?;\n{after}\n{end}\nOk(())"
    ))
}

#[test]
fn statements_that_need_their_connection_are_not_divided() {
    const WRITE: &str = "INSERT INTO t (a) VALUES (1)";
    const READ: &str = "SELECT a FROM t WHERE b = 'SET @x = 1'";
    const SQL: &str = "sqlx::query(SQL).execute(&mut *conn).await?;";
    const TWICE: &str = "sqlx::query(\"INSERT INTO t VALUES (1)\").execute(&mut *conn).await?;
        sqlx::query(\"SELECT LAST_INSERT_ID()\").execute(&mut *conn).await?;";
    let recalls = "reads what earlier statements left in their connection (line 13)";
    let stays = "changes the session (line 11): SL005 refuses that in a lease";
    let lasts = "does what ends with its transaction, and begins none (line 11)";
    let cases = [
        ("acquire", WRITE, "SELECT LAST_INSERT_ID()", recalls),
        ("acquire", WRITE, "SELECT @@last_insert_id", recalls),
        ("acquire", WRITE, "SHOW WARNINGS", recalls),
        ("acquire", WRITE, "SELECT currval('t_id_seq')", recalls),
        ("begin", READ, "SELECT FOUND_ROWS()", recalls),
        ("acquire", "SELECT pg_backend_pid()", READ, "asks for the number of its connection"),
        ("acquire", SQL, READ, "runs SQL that is not written there (line 11)"),
        ("acquire", WRITE, SQL, "runs SQL that is not written there (line 13)"),
        ("acquire", "SELECT @x := 5", READ, stays),
        ("acquire", "SELECT GET_LOCK('a', 1)", "", stays),
        ("acquire", "CREATE TEMPORARY TABLE u (a INT)", "", stays),
        ("acquire", "SELECT a FROM t FOR UPDATE", "", lasts),
        ("begin", "SELECT a FROM t LOCK IN SHARE MODE", "UPDATE t SET a = 1", "locks rows before"),
        ("acquire", WRITE, READ, ""),
        ("acquire", READ, WRITE, ""),
        ("acquire", READ, SQL, ""),
        ("acquire", TWICE, WRITE, ""),
        ("acquire", "", "SELECT LAST_INSERT_ID()", ""),
        ("begin", READ, "SELECT a FROM t FOR UPDATE", ""),
    ];
    for (take, before, after, reason) in cases {
        let shown = fixed(package("", &split(take, before, after)).path());
        match reason {
            "" => assert!(shown.contains("1 function to convert, 0 refusals"), "{after}\n{shown}"),
            _ => assert!(shown.contains(&format!("`handle` {reason}")), "{reason}\n{shown}"),
        }
    }
}

#[test]
fn a_helper_that_the_macro_refuses_is_not_converted() {
    let own = "sqlx::query(\"UPDATE tools SET uses = 1\")";
    let cases = [
        ("SELECT GET_LOCK('a', 1)", "PgConnection", "changes the session"),
        ("SELECT id FROM tools FOR UPDATE", "PgConnection", "does what ends with its transaction"),
        ("SELECT id FROM tools FOR UPDATE", "PgTransaction<'_>", ""),
    ];
    for (sql, conn, reason) in cases {
        let source = split("begin", "", "write(&mut conn).await?;");
        let source = source.replace(own, &format!("sqlx::query(\"{sql}\")"));
        let source = source.replace("conn: &mut PgConnection", &format!("conn: &mut {conn}"));
        let shown = fixed(package("", &source).path());
        match reason {
            "" => assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}"),
            _ => assert!(shown.contains(reason) && shown.contains("1 refusal"), "{shown}"),
        }
    }
}

#[test]
fn a_variable_that_the_session_would_hide_is_refused() {
    let source = split("acquire", "SELECT a FROM t", "SELECT a FROM t");
    let named = source.replace("handle(app: &App)", "handle(app: &App, db: i64)");
    for used in [named.clone(), source.replace("Ok(())\n}", "println!(\"{db}\"); Ok(())\n}")] {
        let shown = fixed(package("", &used).path());
        assert!(shown.contains("`handle` uses the name `db` already"), "{shown}");
    }
    let field = source.replace("\nOk(())\n}", "\nlet _ = app.other.db;\nOk(())\n}");
    assert_ne!(field, source);
    let shown = fixed(package("", &field).path());
    assert!(shown.contains("1 function to convert, 0 refusals"), "{shown}");
}

#[test]
fn a_pool_that_is_a_parameter_becomes_a_handle_with_all_its_calls_or_stays() {
    let cases = [
        ("run(&app.pool, app).await", None),
        ("run(&pool_of(app), app).await", Some("is given a pool that is not `&owner.pool`")),
        ("tokio::spawn(run(&app.pool, app)); Ok(())", Some("may be called in another way")),
        ("let f = run; f(&app.pool, app).await", Some("may be called in another way")),
    ];
    for (call, reason) in cases {
        let source = handler(call)
            + "async fn run(pool: &PgPool, app: &App) -> Result<(), Error> {
    let mut conn = pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(())\n}\n";
        let folder = package("", &source);
        let shown = fixed(folder.path());
        match reason {
            None => {
                let named_db = source.replace("pool: &PgPool, app", "db: &PgPool, app");
                let named_db = named_db.replace("= pool.acquire", "= db.acquire");
                let named_db = fixed(package("", &named_db).path());
                assert!(named_db.contains("+    let mut db = db.session();"), "{named_db}");
                assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
                assert!(shown.contains("+run(&app.db, app).await"), "{shown}");
                assert!(shown.contains("pool: &shortlease::Db<shortlease::Postgres>"), "{shown}");
            }
            Some(reason) => assert!(shown.contains(&format!("`run` {reason}")), "{call}\n{shown}"),
        }
    }
}

#[test]
fn a_remote_call_that_also_takes_a_connection_is_judged_as_a_remote_call() {
    let source = |perform: &str| {
        let call = "perform(pool, http).await.ok();";
        around(CLAIM, WRITE).replace("http.get(\"http://slow\").send().await.ok();", call)
            + &format!(
                "async fn perform(pool: &sqlx::PgPool, http: &reqwest::Client) -> Result<(), Box<dyn Error>> {{
    {perform}
    sqlx::query(\"SELECT 1\").execute(pool).await?;
    Ok(())
}}\n"
            )
    };
    let folder = package("", &source("http.get(\"http://slow\").send().await?;"));
    let report = text(&run(folder.path(), &[]));
    assert!(report.contains("1 finding "), "{report}");
    for words in [
        "error[SA001]",
        "waits for an HTTP client, and the connection waits with it; it also takes a second \
         connection (SA002)",
        "it is awaited in `perform` (src/lib.rs:18)",
        "claim the rows with a time",
        "#a-job-queue-claim-call-complete",
    ] {
        assert!(report.contains(words), "{words}\n{report}");
    }
    let plan = text(&run(folder.path(), &["plan"]));
    assert!(plan.contains("#a-job-queue-claim-call-complete"), "{plan}");
    assert_eq!(found(&source("")), ["SA002 4"]);
}

#[test]
fn a_call_may_have_generic_arguments_or_the_name_of_its_module() {
    let cases = [
        ("run::<Vec<fn() -> u8>, u8>", "+run::<Vec<fn() -> u8>, u8>(&app.db, app).await"),
        ("run::run::<u8, u8>", "+run::run::<u8, u8>(&app.db, app).await"),
        ("run", "+run(&app.db, app).await"),
    ];
    for (name, expected) in cases {
        let import = if name.starts_with("run::run") { "" } else { "use run::run;" };
        let source = handler(&format!("{name}(&app.pool, app).await"))
            + import
            + "
mod run {
    use super::*;
    pub async fn run<A, B>(pool: &PgPool, app: &App) -> Result<(), Error> {
        let mut conn = pool.acquire().await?; write(&mut conn).await?;
        app.http.get(\"http://slow\").send().await?; Ok(())
    }
}\n";
        let shown = fixed(package("", &source).path());
        assert!(shown.contains("2 functions to convert, 0 refusals"), "{name}\n{shown}");
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn a_method_or_another_module_s_function_of_the_name_is_no_call() {
    let source = handler(
        "stop.run(); other::run(&app.pool); app.each(other::run); run(&app.pool, app).await",
    ) + "pub mod other { pub fn run(_: &sqlx::PgPool) {} }
async fn run(pool: &PgPool, app: &App) -> Result<(), Error> {
    let mut conn = pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(()) }\n";
    let shown = fixed(package("", &source).path());
    assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
    assert!(
        shown.contains("+stop.run(); other::run(&app.pool); app.each(other::run); run(&app.db"),
        "{shown}"
    );
    let given = source.replace("app.each(other::run)", "app.each(crate::run)");
    let shown = fixed(package("", &given).path());
    assert!(shown.contains("`run` may be called in another way (src/lib.rs:10)"), "{shown}");
}

#[test]
fn a_pool_that_is_passed_by_value_becomes_a_handle_by_value() {
    for (pool, passed, expected) in [
        ("PgPool", "pool", "+run(app.db.clone(), app).await"),
        ("PgPool", "pool.clone()", "+run(app.db.clone(), app).await"),
        ("&PgPool", "pool.clone()", "+run(&app.db, app).await"),
    ] {
        let given = if pool == "PgPool" { "app.pool.clone()" } else { "&app.pool" };
        let source = handler(&format!("run({given}, app).await"))
            + &format!(
                "async fn run(pool: {pool}, app: &App) -> Result<(), Error> {{ work({passed}, app).await }}
async fn work(pool: PgPool, app: &App) -> Result<(), Error> {{
    let mut conn = pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(())\n}}\n"
            );
        let shown = fixed(package("", &source).path());
        assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
        for line in [
            expected,
            &format!(
                "run(pool: {}",
                pool.replace("PgPool", "shortlease::Db<shortlease::Postgres>")
            ),
            "work(pool: shortlease::Db<shortlease::Postgres>",
        ] {
            assert!(shown.contains(line), "{line}\n{shown}");
        }
    }
}

#[test]
fn helpers_that_call_each_other_are_not_looked_into() {
    let source = handler(
        "let mut tx = app.pool.begin().await?; one(&mut tx, 1).await?;
    app.http.get(\"http://slow\").send().await?;
    write(&mut tx).await?; tx.commit().await?; Ok(())",
    ) + "async fn one(conn: &mut PgConnection, left: u64) -> Result<(), sqlx::Error> {
    if left > 0 { Box::pin(two(conn, left)).await?; } Ok(())
}
async fn two(conn: &mut PgConnection, left: u64) -> Result<(), sqlx::Error> {
    Box::pin(one(conn, left - 1)).await
}
";
    let output = run(package("", &source).path(), &["fix"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_method_of_a_trait_keeps_its_signature() {
    let method = |pool: &str, error: &str| {
        format!(
            "pub trait Service {{ async fn serve(&self, pool: &PgPool) -> Result<(), {error}>; }}
impl Service for App {{ async fn serve(&self, pool: &PgPool) -> Result<(), {error}> {{
    let mut conn = {pool}.acquire().await?; write(&mut conn).await?;
    self.http.get(\"http://slow\").send().await.unwrap(); Ok(()) }} }}\n"
        )
    };
    let cases = [
        (method("self.pool", "Error"), "2 functions to convert, 0 refusals"),
        (method("pool", "Error"), "`serve` is a trait's, and has its pool in the parameter `pool`"),
        (method("self.pool", "sqlx::Error"), "2 functions to convert, 0 refusals"),
        (
            method("self.pool", "Error").replace("impl", "#[async_trait]\nimpl"),
            "`serve` has the attribute `async_trait`",
        ),
    ];
    for (method, expected) in cases {
        let folder = package("", &(handler("Ok(())") + &method));
        let shown = fixed(folder.path());
        assert!(shown.contains(expected), "{expected}\n{shown}");
    }
}

#[test]
fn an_error_that_takes_shortlease_s_by_any_name_is_accepted() {
    let held = "let mut conn = app.pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await.ok(); Ok(())";
    let own = "impl From<sqlx::Error> for Error { fn from(_: sqlx::Error) -> Error { Error } }\n";
    let ours = "use shortlease::Error as Pool;
impl From<Pool> for Error { fn from(_: Pool) -> Error { Error } }\n";
    let boxed = "type Error = Box<dyn std::error::Error + Send + Sync>;";
    let source = handler(held).replace(boxed, "pub struct Error;");
    let converts = |more: &str| fixed(package("", &format!("{source}{own}{more}")).path());
    assert!(converts(ours).contains("2 functions to convert, 0 refusals"), "{}", converts(ours));
    let added = "+        shortlease::sqlx::Error::from(error).into()";
    assert!(converts("").contains(added) && !converts(ours).contains(added), "{}", converts(""));
    let twice = converts("#[cfg(test)] pub struct Error;");
    let refused = "`handle` returns `Error`, which has no `From<shortlease::Error>`: add one";
    assert!(twice.contains(refused), "{twice}");
    // A caller that matches on the error goes on to do so.
    let called = handler(held).replace(boxed, "type Error = sqlx::Error;")
        + "pub async fn call(app: &App) -> Result<(), sqlx::Error> { handle(app).await }\n";
    let shown = fixed(package("", &called).path());
    assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
    assert!(!shown.contains("shortlease::Error"), "{shown}");
}

/// A handler that holds its connection, a helper with an executor, and another function.
fn with_executor(helper: &str, other: &str) -> String {
    let held = "let mut conn = app.pool.acquire().await?; tag(1, &mut *conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(())";
    let other = format!("pub async fn other(app: &App) -> Result<(), Error> {{ {other} }}\n");
    let tagged = "sqlx::query(\"UPDATE tools SET tag = $1\").bind(id)";
    handler(held) + &helper.replace("TAG", tagged) + &other
}

const TAG: &str = "
async fn tag(id: i64, executor: impl sqlx::PgExecutor<'_>) -> Result<(), sqlx::Error> {
    TAG.execute(executor).await.map(drop)
}
";

#[test]
fn a_helper_with_an_executor_is_shared_with_what_stays() {
    let begin = "let Ok(mut tx) = app.pool.begin().await else { return Ok(()) };";
    let executor = "impl sqlx::PgExecutor<'_>";
    let any = TAG.replace(executor, "impl sqlx::Executor<'_, Database = sqlx::Postgres>");
    for helper in [TAG, &any] {
        let other = format!("{begin} tag(2, &mut *tx).await?; tx.commit().await?; Ok(())");
        let shown = fixed(package("", &with_executor(helper, &other)).path());
        assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
        let either = "executor: &mut impl shortlease::EitherConn<shortlease::Postgres>";
        assert!(shown.contains(either), "{shown}");
        assert!(shown.contains("tag(1, conn)") && !shown.contains("+    let Ok"), "{shown}");
    }
    let call = "app.http.get(\"http://slow\").send().await?;";
    let held = format!("{begin} tag(2, &mut *tx).await?; {call} tx.commit().await?; Ok(())");
    let shown = fixed(package("", &with_executor(TAG, &held)).path());
    assert!(shown.contains("2 functions to convert, 1 refusal"), "{shown}");
    assert!(shown.contains("`other` does not take its connection by"), "{shown}");
}

#[test]
fn a_variable_a_field_or_a_macro_may_have_the_name_of_a_helper() {
    let begin = "let Ok(mut tx) = app.pool.begin().await else { return Ok(()) };";
    let named = "struct Tagged { tag: u64 } let tag = tag(2, &mut *tx).await?; let _ = tag;";
    let other =
        format!("{begin} {named} let _ = Tagged {{ tag: 1 }}.tag; tx.commit().await?; Ok(())");
    let shown = fixed(package("", &with_executor(TAG, &other)).path());
    assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
    let bound = "if let Some(tag) = Some(1) { let _ = tag; }
        while let Ok(Some(tag)) = next() { let _ = tag; } for (_, tag) in [(1, 1)] { let _ = tag; }
        let _ = [1].map(|tag| tag); let Tagged { tag, .. } = given(); let _ = tag;";
    let makes = "macro_rules! tag { () => { 1 }; } let _ = tag!();";
    let attribute =
        "pub struct Tools; impl Tools { #[tag] pub fn a(&self) {} #[kit::tag(x)] pub fn b() {} }\n";
    for (names, more) in
        [(bound, ""), (makes, ""), ("", attribute), ("", &format!("use kit::tag;\n{attribute}"))]
    {
        let other = format!("{begin} tag(2, &mut *tx).await?; {names} tx.commit().await?; Ok(())");
        let shown = fixed(package("", &(with_executor(TAG, &other) + more)).path());
        assert!(shown.contains("2 functions to convert, 0 refusals"), "{names}{more}\n{shown}");
    }
    let given = format!("{begin} let f = tag; f(2, &mut *tx).await?; Ok(())");
    let passed = format!("{begin} if let Some(f) = Some(tag) {{ f(2, &mut *tx).await?; }} Ok(())");
    for other in [given, passed] {
        let shown = fixed(package("", &with_executor(TAG, &other)).path());
        assert!(shown.contains("which may be called in another way"), "{shown}");
    }
}

#[test]
fn a_helper_with_an_executor_stays_with_the_reason() {
    let twice = TAG.replace("executor:", "mut executor:").replace(
        "TAG.execute(executor)",
        "TAG.execute(&mut executor).await?; TAG.execute(executor)",
    );
    let lent = "let Ok(mut tx) = app.pool.begin().await else { return Ok(()) };
    tag(2, tx.as_mut()).await?; Ok(())";
    let cases = [
        (TAG.replace("'_", "'static"), "Ok(())", "which takes `impl sqlx::PgExecutor<'static>`"),
        (twice, "Ok(())", "which uses `executor` for more than one statement"),
        (TAG.to_owned(), "tag(2, &app.pool).await?; Ok(())", "which is called by `other` with"),
        (TAG.to_owned(), lent, "which does not take its connection by"),
    ];
    for (helper, other, reason) in cases {
        let shown = fixed(package("", &with_executor(&helper, other)).path());
        assert!(shown.contains(reason), "{reason}\n{shown}");
    }
}

/// A function whose pool cannot become a handle. It gives its connection to the helper of the handler.
fn with_odd(parameter: &str, taken: &str, given: &str) -> String {
    handler(
        "let mut conn = app.pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(())",
    ) + &format!(
        "pub async fn odd({parameter}) -> Result<(), Error> {{ {taken} Ok(write({given}).await?) }}\n"
    )
}

#[test]
fn a_helper_with_a_caller_that_stays_serves_both() {
    const POOL: &str = "pool: std::sync::Arc<PgPool>";
    const CONN: &str = "let mut conn = pool.acquire().await?;";
    const TX: &str = "tx: &mut sqlx::PgTransaction<'_>";
    const SLEEP: &str = "tokio::time::sleep(LONG).await;";
    let cases = [
        (POOL, CONN, "&mut conn", "write(&mut *conn)"),
        (POOL, CONN, "&mut *conn", "write(&mut *conn)"),
        (
            POOL,
            "let Ok(mut tx) = pool.begin().await else { return Ok(()) };",
            "&mut tx",
            "write(&mut *tx)",
        ),
        ("conn: &mut PgConnection", SLEEP, "conn", "write(conn)"),
        (TX, SLEEP, "tx", "write(&mut **tx)"),
        (TX, SLEEP, "&mut *tx", "write(&mut **tx)"),
        (TX, SLEEP, "&mut **tx", "write(&mut **tx)"),
    ];
    for (parameter, taken, given, lent) in cases {
        let source = with_odd(parameter, taken, given)
            + "pub async fn gives(pool: std::sync::Arc<PgPool>) -> Result<(), Error> {
    let mut tx = pool.begin().await?; odd(&mut tx).await?; tx.commit().await?; Ok(()) }\n";
        let folder = package("", &source);
        let applied = text(&run(folder.path(), &["fix", "--apply"]));
        assert!(applied.contains("2 functions converted"), "{applied}");
        let now = std::fs::read_to_string(folder.path().join("src/lib.rs")).expect("a file");
        let either = "write(conn: &mut impl shortlease::EitherConn<shortlease::Postgres>)";
        assert!(now.contains(either) && now.contains("|conn| write(conn)"), "{now}");
        assert!(now.contains(&format!("Ok({lent}.await?)")), "{now}");
        assert!(now.contains("odd(&mut tx).await?;"), "{now}");
    }
    let source = with_odd(POOL, CONN, "&mut conn");
    let in_transaction =
        source.replace("conn: &mut PgConnection", "conn: &mut sqlx::PgTransaction<'_>");
    let kept = with_odd(POOL, "let mut kept = vec![pool.acquire().await?];", "&mut kept[0]");
    let generic =
        source.replace("fn write(", "fn write<T>(").replace("write(&mut", "write::<u8>(&mut");
    let borrows = "let mut conn = pool.acquire().await?; let conn = &mut conn;";
    let borrowed = with_odd(POOL, borrows, "&mut *conn");
    for (source, reason) in [
        (&in_transaction, "which takes a transaction, and serves `odd` (src/lib.rs:13) too"),
        (&kept, "its connection is given as `&mut kept[0]`"),
        (&borrowed, "its connection is given as `&mut *conn`"),
        (&generic, "which is called with its type parameters written out (src/lib.rs:10)"),
    ] {
        let shown = fixed(package("", source).path());
        assert!(
            shown.contains("`handle` goes together with `write` (src/lib.rs:5), which "),
            "{shown}"
        );
        assert!(shown.contains(reason) && shown.contains("0 functions to convert"), "{shown}");
    }
}

#[test]
fn what_a_helper_serves_is_converted_one_after_the_other() {
    let source = with_odd(
        "pool: std::sync::Arc<PgPool>",
        "let mut conn = pool.acquire().await?;",
        "&mut conn",
    );
    let folder = package("", &source);
    let applied = text(&run(folder.path(), &["fix", "--apply"]));
    assert!(applied.contains("2 functions converted, 0 refusals"), "{applied}");
    let path = folder.path().join("src/lib.rs");
    let now = std::fs::read_to_string(&path).expect("a file");
    let next = now.replace("pool: std::sync::Arc<PgPool>", "app: &App").replace(
        "let mut conn = pool.acquire().await?;",
        "let mut conn = app.pool.acquire().await?; app.http.get(\"http://slow\").send().await?;",
    );
    std::fs::write(&path, next).expect("a file");
    let shown = fixed(folder.path());
    assert!(shown.contains("1 function to convert, 0 refusals"), "{shown}");
    assert!(shown.contains("Ok(write(conn).await?)"), "{shown}");
}

#[test]
fn a_helper_of_a_helper_that_serves_both_does_so_too() {
    let source = with_odd(
        "pool: std::sync::Arc<PgPool>",
        "let mut conn = pool.acquire().await?;",
        "&mut conn",
    )
    .replace(
        "sqlx::query(\"UPDATE tools SET uses = 1\").execute(conn).await?;",
        "count(&mut *conn).await?; count(conn).await?;",
    ) + "async fn count(conn: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query(\"UPDATE tools SET uses = 1\").execute(conn).await?; Ok(()) }\n";
    let shown = fixed(package("", &source).path());
    assert!(shown.contains("3 functions to convert, 0 refusals"), "{shown}");
    assert!(shown.contains("+async fn count(conn: &mut impl shortlease::EitherConn<"), "{shown}");
    assert!(shown.contains("+    count(conn).await?; count(conn).await?;"), "{shown}");
}

#[test]
fn each_function_of_a_group_that_stays_is_named() {
    const WRITE: &str = "write(&mut conn).await?;";
    const CALL: &str = "app.http.get(\"http://slow\").send().await?;";
    let source = |held: &str, end: &str| {
        handler(&format!("{held} {end}Ok(())"))
            + &format!(
                "pub async fn second(app: &App) -> Result<(), Error> {{ {held}\n{end}Ok(()) }}\n"
            )
            + &format!(
                "pub async fn third(app: &App) -> Result<(), Error> {{ {held}\ndrop(conn); conn; }}\n"
            )
    };
    let held = source(&format!("let mut conn = app.pool.acquire().await?; {WRITE}\n{CALL}"), "");
    let names = "`third` names `conn` again after its end";
    let shown = fixed(package("", &held).path());
    assert!(shown.contains(names), "{shown}");
    assert!(shown.contains("3 functions to convert, 1 refusal\n"), "{shown}");
    // A helper that takes a transaction cannot serve `third` too.
    let held = format!("let mut conn = app.pool.begin().await?;\n{CALL} {WRITE}");
    let source = source(&held, "conn.commit().await?; ");
    let source = source.replace("conn: &mut PgConnection", "conn: &mut sqlx::PgTransaction<'_>");
    let shown = fixed(package("", &source).path());
    let together = "goes together with `write` (src/lib.rs:5), which takes a transaction, and serves \
                    `third` (src/lib.rs:16) too";
    for line in [
        &format!("not converted: src/lib.rs:9: `handle` {together}"),
        &format!("not converted: src/lib.rs:13: `second` {together}"),
        "not converted: src/lib.rs:16: `third` does not have `conn.commit().await?;`",
        "0 functions to convert, 3 refusals",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
}

#[test]
fn a_tool_of_rmcp_is_converted_below_the_attribute() {
    let source = |attribute: &str, error: &str| {
        handler("Ok(())")
            + &format!(
                "use rmcp::{{ErrorData, tool, tool_router}};
#[tool_router]
impl App {{
    /// Writes.
    {attribute}
    async fn note(&self) -> Result<(), {error}> {{
        let mut conn = self.pool.acquire().await?; write(&mut conn).await?;
        self.http.get(\"http://slow\").send().await?; Ok(())
    }}
}}\n"
            )
    };
    let shown = fixed(package("", &source("#[tool]", "Error")).path());
    assert!(shown.contains("+    #[shortlease::handler]\n     #[tool]\n"), "{shown}");
    for (attribute, error, reason) in [
        (
            "#[tool]",
            "ErrorData",
            "returns `ErrorData`, which has no `From<shortlease::Error>`: return an error type",
        ),
        (
            "#[traced]",
            "Error",
            "has the attribute `traced`, which may change it: convert it by hand",
        ),
    ] {
        let shown = fixed(package("", &source(attribute, error)).path());
        assert!(shown.contains(&format!("`note` {reason}")), "{shown}");
    }
    let outside = source("#[tool]", "Error").replace("use rmcp::", "use kit::");
    let shown = fixed(package("", &outside).path());
    assert!(shown.contains("`note` has the attribute `tool`"), "{shown}");
}

/// Tools that have the service in a field.
fn tools(statements: &str) -> String {
    handler("Ok(())")
        + &format!(
            "use rmcp::{{ErrorData, tool, tool_router}};
pub struct Tools {{ app: std::sync::Arc<App> }}
fn failed(error: sqlx::Error) -> ErrorData {{ ErrorData::internal_error(error.to_string(), None) }}
async fn read(conn: &mut PgConnection) -> sqlx::Result<i64> {{
    sqlx::query_scalar(\"SELECT id FROM tools\").fetch_one(conn).await
}}
#[tool_router]
impl Tools {{
    #[tool]
    async fn note(&self) -> Result<i64, ErrorData> {{
{statements}
    }}
    async fn call(&self) {{ self.app.http.get(\"http://slow\").send().await.ok(); }}
}}\n"
        )
}

#[test]
fn a_pool_may_be_in_a_field_of_a_field() {
    let shown = fixed(
        package(
            "",
            &tools(
                "let mut tx = self.app.pool.begin().await.map_err(failed)?;
    let id = read(&mut tx).await.map_err(failed)?;
    self.call().await;
    write(&mut tx).await.map_err(failed)?;
    tx.commit().await.map_err(failed)?;
    Ok(id)",
            ),
        )
        .path(),
    );
    assert!(shown.contains("3 functions to convert, 0 refusals"), "{shown}");
    for line in [
        "let mut db = self.app.db.session();",
        "let id = db.lease(async |tx| -> shortlease::sqlx::Result<_> {",
        "db.transaction(async |tx| -> shortlease::sqlx::Result<_> {",
        "}).await.map_err(failed)?;",
    ] {
        assert!(shown.contains(line), "{line}\n{shown}");
    }
    let lent = handler("Ok(())")
        + "pub struct Outer { app: App }
async fn call(outer: &Outer) -> Result<(), Error> { run(&outer.app.pool, &outer.app).await }
async fn run(pool: &PgPool, app: &App) -> Result<(), Error> {
    let mut conn = pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(()) }\n";
    let shown = fixed(package("", &lent).path());
    assert!(shown.contains("{ run(&outer.app.db, &outer.app).await }"), "{shown}");
}

#[test]
fn the_place_of_the_pool_is_named_if_it_is_not_understood() {
    const CALL: &str = "app.http.get(\"http://slow\").send().await?; Ok(())";
    for (taken, reason) in [
        (
            "app.pool().acquire().await?",
            "takes its connection from `app.pool()`, which is not a variable or a field (line 10)",
        ),
        (
            "app.pool.acquire().await.or_else(again)?",
            "has `.or_else(..)` behind `begin()` or `acquire()` (line 10)",
        ),
        ("app.pool.begin_with(\"BEGIN\").await?", "takes its connection by `begin_with` (line 10)"),
        ("app.pool.acquire().await.unwrap()", "does not take its connection by `let mut name ="),
    ] {
        let source = handler(&format!("let mut conn = {taken}; write(&mut conn).await?;\n{CALL}"))
            + "impl App { fn pool(&self) -> &PgPool { &self.pool } }\n";
        let shown = fixed(package("", &source).path());
        assert!(shown.contains(&format!("`handle` {reason}")), "{reason}\n{shown}");
    }
}

#[test]
fn an_error_that_is_mapped_is_mapped_behind_the_lease() {
    let source = |first: &str, second: &str, end: &str| {
        tools(&format!(
            "let mut conn = self.app.pool.acquire().await.map_err(failed)?;
    {first}
    self.call().await;
    {second}
    {end}"
        ))
    };
    const READ: &str = "let id = read(&mut conn).await.map_err(failed)?;";
    let converted = [
        (READ, "write(&mut conn).await.map_err(failed)?;", "Ok(id)", "}).await.map_err(failed)?;"),
        (READ, "", "read(&mut conn).await.map_err(failed)", "}).await.map_err(failed)\n"),
        ("", "", "Ok(read(&mut conn).await.map_err(failed)?)", "Ok(read(conn).await?) }).await"),
        (
            READ,
            "let ids = (read(&mut conn).await.map_err(failed)?, read(&mut conn).await\n.map_err(failed)?);",
            "Ok(ids.0 + id)",
            "let ids = (read(conn).await?, read(conn).await?);",
        ),
    ];
    for (first, second, end, line) in converted {
        let shown = fixed(package("", &source(first, second, end)).path());
        assert!(shown.contains("functions to convert, 0 refusals"), "{end}\n{shown}");
        let shown = shown.replace("}).await.map_err(failed)\n     }", "}).await.map_err(failed)\n");
        assert!(
            shown.replace("\n+    }", " }").contains(line) || shown.contains(line),
            "{line}\n{shown}"
        );
    }
    let closure = source(READ, "", "Ok(id)").replace("map_err(failed)", "map_err(|e| failed(e))");
    let shown = fixed(package("", &closure).path());
    assert!(shown.contains(".await.map_err(|e| failed(e))?;\n"), "{shown}");
    assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
    let other = "fn other(_: sqlx::Error) -> ErrorData { todo!() }
async fn own(conn: &mut PgConnection) -> Result<i64, Error> { Ok(read(conn).await?) }\n";
    let not_behind = "has `.map_err(failed)` behind `begin()` or `acquire()`, and its lease could not have it \
                      behind each error (line 23)";
    for (first, reason) in [
        ("let id = read(&mut conn).await.map_err(other)?;", not_behind),
        ("let id = read(&mut conn).await?;", not_behind),
        (
            "let id = own(&mut conn).await.map_err(failed)?;",
            "has `.map_err(failed)` behind `begin()` or `acquire()`, and `own` ends in another error",
        ),
        (
            "let failed = read(&mut conn).await.map_err(failed)?; let id = failed;",
            "names `failed` in the call behind `begin()` or `acquire()`",
        ),
        (
            "failed = other; let id = read(&mut conn).await.map_err(failed)?;",
            "names `failed` in the call behind `begin()` or `acquire()`",
        ),
    ] {
        let shown = fixed(package("", &(source(first, "", "Ok(id)") + other)).path());
        assert!(shown.contains(&format!("`note` {reason}")), "{reason}\n{shown}");
    }
    let moved = source(READ, "drop(by);", "Ok(read(&mut conn).await.map_err(failed)? + by)");
    let moved = moved.replace("map_err(failed)", "map_err(|e| failed(by, e))");
    let shown = fixed(package("", &moved).path());
    assert!(shown.contains("and may move `by` before (line 26)"), "{shown}");
    let ended = source(READ, "", "conn.commit().await?; Ok(id)").replace("acquire()", "begin()");
    let shown = fixed(package("", &ended).path());
    let reason = "does not have `conn.commit().await.map_err(failed)?;` as a statement of its own";
    assert!(shown.contains(reason), "{shown}");
}

/// A handler that returns a type, in a module beside that of the errors.
fn returns(import: &str, ty: &str) -> String {
    format!(
        "pub mod error {{
    pub struct AppError;
    impl From<sqlx::Error> for AppError {{ fn from(_: sqlx::Error) -> Self {{ AppError }} }}
    impl From<shortlease::Error> for AppError {{ fn from(_: shortlease::Error) -> Self {{ AppError }} }}
    pub type ApiResult<T> = Result<T, AppError>;
    pub type Reply = ApiResult<()>;
    pub type Either<T, E = AppError> = Result<T, E>;
    pub type Rows<T> = sqlx::Result<Vec<T>>;
    pub type Result<T, E = AppError> = std::result::Result<T, E>;
}}
pub mod prelude {{ pub use super::error::{{ApiResult, AppError, Reply}}; }}
pub mod routes {{
    {import}
    pub struct App {{ pool: sqlx::PgPool, http: reqwest::Client }}
    pub async fn handle(app: &App) -> {ty} {{
        let mut conn = app.pool.acquire().await?;
        sqlx::query(\"UPDATE tools SET uses = 1\").execute(&mut *conn).await?;
        app.http.get(\"http://slow\").send().await.ok();
        Ok(Default::default())
    }}
}}\n"
    )
}

#[test]
fn an_error_behind_an_alias_is_found() {
    for (import, ty, attribute) in [
        ("use crate::error::ApiResult;", "ApiResult<()>", "#[shortlease::handler]\n"),
        ("", "crate::error::ApiResult<()>", "#[shortlease::handler]\n"),
        ("use crate::prelude::*;", "ApiResult<()>", "#[shortlease::handler]\n"),
        ("use crate::error::Result;", "Result<()>", "#[shortlease::handler]\n"),
        ("", "crate::error::Rows<i64>", "#[shortlease::handler(error = sqlx::Error)]\n"),
        (
            "",
            "crate::error::Either<(), sqlx::Error>",
            "#[shortlease::handler(error = sqlx::Error)]\n",
        ),
        (
            "use crate::prelude::{AppError, Reply};",
            "Reply",
            "#[shortlease::handler(error = AppError)]\n",
        ),
    ] {
        let shown = fixed(package("", &returns(import, ty)).path());
        assert!(shown.contains("1 function to convert, 0 refusals"), "{ty}\n{shown}");
        assert!(shown.contains(attribute), "{ty}\n{shown}");
        assert!(shown.contains(&format!(" pub async fn handle(app: &App) -> {ty} {{")), "{shown}");
    }
    let hidden = "of which `#[handler]` does not see the error: import the error's type there";
    for (import, ty, reason) in [
        ("use crate::error::Reply;", "Reply", hidden),
        ("use crate::prelude::*;", "Reply", hidden),
        ("", "crate::error::Either<()>", hidden),
        (
            "",
            "axum::response::Result<()>",
            "returns `axum::response::Result`, which shows no error",
        ),
    ] {
        let shown = fixed(package("", &returns(import, ty)).path());
        assert!(shown.contains(reason) && shown.contains("0 functions"), "{reason}\n{shown}");
    }
}

#[test]
fn structs_of_one_name_are_told_apart() {
    let held = split("acquire", "SELECT a FROM t", "");
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    write("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n");
    for name in ["one", "two"] {
        let manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        write(&format!("{name}/Cargo.toml"), &manifest);
    }
    let of_self = "impl App { pub fn of(pool: PgPool) -> Self { Self { pool, http: h() } } }
fn lent(app: &App) -> &App { app }
mod kinds { pub enum Kind { App { pool: u8 } } pub struct App { pub pool: u8 }
    pub fn kind() -> (Kind, App) { (Kind::App { pool: 1 }, App { pool: 1 }) } }\n";
    write("one/src/lib.rs", &(held + of_self));
    write("two/src/lib.rs", "pub struct App { pool: u8 }\nfn app() -> App { App { pool: 1 } }\n");
    let shown = fixed(folder.path());
    assert!(shown.contains("1 function to convert, 0 refusals"), "{shown}");
    assert!(shown.contains("+++ one/src/lib.rs") && !shown.contains("two/src"), "{shown}");
    assert!(shown.contains("-> Self { Self { db: shortlease::Db::builder_from_pool("), "{shown}");
    assert!(shown.contains("\n mod kinds {") && !shown.contains("+mod kinds"), "{shown}");
}

#[test]
fn a_function_with_a_finding_of_another_kind_is_named() {
    let source = handler("Ok(())")
        + "pub async fn second(app: &App) -> Result<(), Error> {
    let mut conn = app.pool.acquire().await?;
    let _ = app.pool.acquire().await?; write(&mut conn).await?; Ok(())\n}\n";
    let output = run(package("", &source).path(), &["fix"]);
    assert_eq!(output.status.code(), Some(1));
    let line =
        "not converted: src/lib.rs:12: `second` has SA002 (line 14), a kind that is not converted";
    let shown = text(&output);
    assert!(
        shown.contains(line) && shown.contains("0 functions to convert, 1 refusal\n"),
        "{shown}"
    );
}

#[test]
fn a_transaction_that_reads_once_becomes_a_lease() {
    let twice = "sqlx::query(\"SELECT a FROM t\").execute(&mut *conn).await?;
        sqlx::query(\"SELECT b FROM t\").execute(&mut *conn).await?;";
    for (before, opens) in [
        ("SELECT a FROM t", "db.lease(async |conn| sqlx"),
        (twice, "db.transaction(async |conn| {"),
        ("SELECT a FROM t FOR SHARE", "locks rows before it calls out"),
    ] {
        let shown = fixed(package("", &split("begin", before, "UPDATE t SET a = 1")).path());
        assert!(shown.contains(opens), "{opens}\n{shown}");
    }
    let in_transaction = split("begin", "read(&mut conn).await?;", "UPDATE t SET a = 1")
        + "async fn read(tx: &mut sqlx::PgTransaction<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar(\"SELECT a FROM t\").fetch_one(&mut **tx).await\n}\n";
    let shown = fixed(package("", &in_transaction).path());
    assert!(shown.contains("db.transaction(async |conn| read(conn).await).await?;"), "{shown}");
    let helper =
        in_transaction.replace("tx: &mut sqlx::PgTransaction<'_>", "tx: &mut PgConnection");
    let shown = fixed(package("", &helper).path());
    assert!(shown.contains("db.lease(async |conn| read(conn).await).await?;"), "{shown}");
}

#[test]
fn a_field_in_the_way_of_the_handle_is_named_with_what_to_do() {
    let held = "let mut conn = app.pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(())";
    let named = handler(held).replace("app.pool", "app.db").replace("App { pool", "App { db: pool");
    let named = named.replace("App { db: pool: PgPool", "App { db: PgPool");
    let other = handler(held).replace("App { pool: PgPool", "App { db: u64, pool: PgPool");
    for (source, reason) in [
        (named, "which is its pool: rename that to `pool` first"),
        (other, "which has another: rename"),
    ] {
        let shown = fixed(package("", &source).path());
        assert!(shown.contains(reason), "{shown}");
    }
}

#[test]
fn the_handle_is_added_where_the_struct_is_made_and_left_out_where_it_is_taken_apart() {
    let source = handler(
        "let mut conn = app.pool.acquire().await?; write(&mut conn).await?;
    app.http.get(\"http://slow\").send().await?; Ok(())",
    ) + "fn apart(App { http, .. }: &App) {}
fn whole(app: Option<App>) -> PgPool { match app { Some(App { http: _, pool }) => pool } }
fn made(p: PgPool) -> crate::App { crate::App { http: h(), pool: p } }\n";
    let shown = fixed(package("", &source).path());
    assert!(shown.contains("2 functions to convert, 0 refusals"), "{shown}");
    assert!(shown.contains("{ Some(App { db: _, http: _, pool }) => pool }"), "{shown}");
    assert!(shown.contains("\n fn apart(App { http, .. }: &App) {}"), "{shown}");
    assert!(shown.contains("crate::App { http: h(), db: shortlease::Db::builder_"), "{shown}");
}

/// Converted files are read again, and nothing is found in them that was not there before.
#[test]
fn converted_cases_of_the_corpus_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/true/sqlx");
    let mut converted = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus") {
        let source = std::fs::read_to_string(entry.expect("an entry").path()).expect("a file");
        let folder = package("", &source);
        let (before, fix) = cargo_shortlease::fix(folder.path(), true, &Silent);
        let Some(change) = fix.changes.first() else { continue };
        converted += 1;
        std::fs::write(&change.path, &change.after).expect("a file");
        let after = cargo_shortlease::audit(folder.path(), true, &Silent);
        assert_eq!(after.broken.len() + after.problems.len(), 0, "{}", change.diff());
        assert!(after.findings.len() < before.findings.len(), "{}", change.diff());
    }
    assert!(converted >= 2, "{converted} cases were converted");
}
