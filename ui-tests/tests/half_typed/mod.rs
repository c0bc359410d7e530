//! Code that someone is still typing: the attributes add no error to rustc's own, and take none away.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use shortlease_ui_tests::aside::Aside;

/// Bodies as they look in the middle of a word, a call, a statement.
const SHAPES: [&str; 46] = [
    // After a dot.
    "conn.",
    "let url = conn. ; Ok(url)",
    "sqlx::query(\"SELECT 1\").",
    "sqlx::query(\"SELECT 1\").fe",
    "load(conn).await.",
    "load(conn).await?.",
    "load(conn).await?; tool.",
    "load(conn).awa",
    "load(conn).await?.le",
    "tool.",
    "tool.ur",
    "tool?.",
    "let x = tool.; load(conn, x).await",
    "load(conn, tool.).await",
    "(tool., id)",
    "match tool { Tool { url, } => conn. }",
    "loop { conn. }",
    "if id > 1 { conn. } Ok(1)",
    // In a call.
    "sqlx::query(\"SELECT 1\").bind().execute(conn).await?; Ok(1)",
    "sqlx::query(\"SELECT 1\").execute(&mut *).await",
    "conn.unchecked(\"a copy\", ).await",
    "Ok(add(1 2))",
    "Tool { url: }",
    // In a statement.
    "let a =",
    "let a = ; Ok(a)",
    "let a: = 1; Ok(a)",
    "let a: Vec<",
    "let a = \"a\".",
    "let a = load(conn).await? let b = a; Ok(b)",
    "println!(\"now\") let a = load(conn).await?; Ok(a)",
    "println!(\"now\") load(conn).await?; Ok(1)",
    "let a = if true { 1 } else",
    "tool.url = ",
    "tool.url.len() + ",
    "&mut *",
    "i64::",
    "id as ",
    "unsafe ",
    "async |",
    "use std::",
    "struct",
    "#",
    // At an open brace.
    "if ",
    "if id == { Ok(1) }",
    "match id",
    "match id { 1 => }",
];

/// A function without an attribute, and the same body in and around leases.
const PLACES: [(&str, &str); 4] = [
    (
        "alone",
        "async fn h(conn: &mut Conn<Sqlite>, id: i64, tool: Tool) -> Result<i64, Error> {\n BODY\n}",
    ),
    (
        "leased",
        "#[leased]\nasync fn h(conn: &mut Conn<Sqlite>, id: i64, tool: Tool) -> Result<i64, Error> {\n BODY\n}",
    ),
    (
        "lease",
        "#[handler]\nasync fn h(db: &mut Session<Sqlite>, id: i64, tool: Tool) -> Result<i64, Error> {\n db.lease(async |conn| {\n BODY\n }).await\n}",
    ),
    (
        "around",
        "#[handler]\nasync fn h(db: &mut Session<Sqlite>, conn: &mut Conn<Sqlite>, id: i64, tool: Tool) -> Result<i64, Error> {\n db.lease(async |conn| load(conn).await).await?;\n BODY\n}",
    ),
];

#[test]
fn gets_the_errors_of_rustc_alone() {
    let fixture = Aside::copy("half-typed", env!("CARGO_TARGET_TMPDIR"));
    let mut modules = String::new();
    for (nth, shape) in SHAPES.iter().enumerate() {
        for (place, code) in PLACES {
            let _ = writeln!(modules, "mod {place}_{nth};");
            let code = code.replace("BODY", shape);
            fixture.append(&format!("src/{place}_{nth}.rs"), &format!("use crate::*;\n{code}\n"));
        }
    }
    fixture.append("src/lib.rs", &modules);
    let mut said = BTreeMap::<String, Vec<String>>::new();
    for (file, _, text) in fixture.errors(&["check"]) {
        said.entry(file).or_default().push(text);
    }
    let mut wrong = Vec::new();
    for (nth, shape) in SHAPES.iter().enumerate() {
        let mut of = |place: &str| {
            let mut said = said.remove(&format!("src/{place}_{nth}.rs")).unwrap_or_default();
            said.sort();
            said
        };
        let alone = of("alone");
        assert!(!alone.is_empty(), "rustc takes it: {shape}");
        for (place, _) in &PLACES[1..] {
            let ours = of(place);
            if ours != alone {
                wrong.push(format!("{shape}, {place}: {ours:#?}\nrustc alone: {alone:#?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(said.is_empty(), "{said:?}");
}
