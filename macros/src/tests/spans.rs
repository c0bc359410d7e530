//! Completion, hover and go-to-definition follow spans: what an expansion gives out of a body stands where it was written.

use proc_macro2::{LineColumn, TokenStream, TokenTree};

use super::{handler, leased};

/// The words and literals in their order, each with its place. Signs have nothing to complete or to go to, and neither has
/// the `async` of a lease.
fn placed(stream: TokenStream) -> Vec<(String, LineColumn)> {
    let mut tokens = Vec::new();
    for token in stream {
        match token {
            TokenTree::Group(group) => tokens.extend(placed(group.stream())),
            TokenTree::Punct(_) => {}
            TokenTree::Ident(word) if word == "async" || word == "move" => {}
            token => tokens.push((token.to_string(), token.span().start())),
        }
    }
    tokens
}

/// Returns the first word of `source` that is not, in its order, in the expansion, at its place. A verb and a lease are
/// renamed in place: `__fetch_one`, `__fetch_one_on`, `lease_in_handler`.
fn lost(source: TokenStream, expanded: TokenStream) -> Option<(String, LineColumn)> {
    let expanded = placed(expanded);
    let mut rest = expanded.iter();
    placed(source).into_iter().find(|(text, place)| {
        !rest.any(|(kept, at)| {
            let renamed = kept.trim_start_matches("__").trim_end_matches("_on");
            let opened = kept.split_once("_in_").map(|(kept, _)| kept);
            at == place && (kept == text || renamed == text || opened == Some(text))
        })
    })
}

/// A handler with leases and much else around and in them. On lines of its own, no two tokens share a place with ours.
const HANDLER: &str = r#"
    async fn call_tool(&self, db: &mut Session<Sqlite>, mcp: &Mcp, id: i64) -> Result<Value, ToolError> {
        let tool: Tool = db.lease(async |conn| load_tool(conn, id).await).await?;
        let out = if tool.remote { mcp.call(&tool.url, Args { id, ..Args::default() }).await? } else { Value::Null };
        let (uses, urls) = db
            .transaction(async move |tx: &mut Tx<Sqlite>| {
                let query = sqlx::query("INSERT INTO calls VALUES ($1)").bind(&out);
                query.execute(&mut *tx).await?;
                for (n, url) in urls.iter().enumerate() {
                    if url.is_empty() { continue; }
                    assert!(n < 10, "{n} {}", sqlx::query_scalar::<_, i64>("SELECT 1").fetch_one(&mut *tx).await?);
                    tracing::debug!(n, %url);
                }
                let mut rows = sqlx::query("SELECT id FROM tools").fetch(&mut *tx);
                while let Some(row) = rows.try_next().await? { seen.push(row.get::<i64, _>(0)); }
                drop(rows);
                tx.savepoint(async |sp| { bump(sp, id).await?; Ok(match id { 0 => vec![id; 3], _ => Vec::new() }) }).await?;
                let uses = async { count(&mut *tx).await }.await?;
                Ok((uses, names!(tx, "a", id)))
            })
            .await?;
        self.log(|line| line.len() > 3, uses, urls);
        Ok(out)
    }
"#;

const LEASED: &str = r#"
    async fn load<'a, T: FromRow>(conn: &mut Conn<Sqlite>, mut id: i64, name: &'a str) -> Result<(T, &'a str), Error> {
        id += 1;
        let row = sqlx::query_as("SELECT * FROM tools WHERE id = $1").bind(id).fetch_one(conn).await?;
        Ok((row, name))
    }
"#;

/// A body that someone is typing.
const HALF_TYPED: [&str; 24] = [
    "let url = conn. ; Ok(url)",
    "conn.",
    "sqlx::query(\"SELECT 1\").",
    "sqlx::query(\"SELECT 1\").fe",
    "sqlx::query(\"SELECT 1\").bind().execute(conn).await?; Ok(1)",
    "sqlx::query(\"SELECT 1\").execute().await",
    "sqlx::query(\"SELECT 1\").execute(&mut *).await",
    "let a =",
    "let a = ; Ok(a)",
    "let a: = 1; Ok(a)",
    "let a = load(conn).await? let b = a; Ok(b)",
    "Ok(add(1 2))",
    "if ",
    "if id == { Ok(1) }",
    "match id",
    "match id { 1 => }",
    "for id in ",
    "while let Some(row) = rows.try_next().",
    "load(conn).await?.",
    "load(conn).awa",
    "Tool { url: }",
    "tracing::info!(\"{}\" id); Ok(1)",
    "tx.savepoint(async |sp| ).await",
    "i64::",
];

fn tokens(source: &str) -> TokenStream {
    source.parse().expect("it lexes")
}

#[test]
fn every_token_of_a_body_keeps_its_place() {
    assert_eq!(lost(tokens(HANDLER), handler(tokens(HANDLER))), None);
    // Of the signature, `async` becomes the return type, and `mut` goes into the body.
    let body = |item: TokenStream| item.into_iter().last().expect("a body").to_string();
    let written = LEASED.parse::<TokenStream>().expect("it lexes").into_iter().last();
    let written = TokenStream::from(written.expect("a body"));
    assert_eq!(lost(written, leased(tokens(LEASED))), None, "{}", body(tokens(LEASED)));
}

#[test]
fn half_typed_code_keeps_its_tokens_and_gets_no_error_of_ours() {
    let mut wrong = Vec::new();
    for body in HALF_TYPED {
        for source in [
            format!(
                "async fn h(db: &mut Session<Sqlite>) -> Result<i64, Error> {{\n db.lease(async |conn| {{ {body} }}).await }}"
            ),
            format!(
                "async fn h(db: &mut Session<Sqlite>) -> Result<i64, Error> {{\n db.lease(async |conn| load(conn).await).await?;\n {body} }}"
            ),
        ] {
            let expanded = handler(tokens(&source));
            // An error of ours stands in the place of what it is about.
            let refused = expanded.to_string().contains("compile_error");
            let lost = lost(tokens(&source), expanded);
            if lost.is_some() && !refused {
                wrong.push(format!("{source}: {lost:?} is lost"));
            }
            if refused && !source.contains(".execute()") {
                wrong.push(format!("{source}: refused"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
