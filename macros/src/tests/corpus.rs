//! Other people's code: the sources of this workspace's own dependencies.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Expr, ExprAsync, ExprAwait, ExprCall, ExprMethodCall, Ident, ImplItemFn,
    Item, ItemFn, Macro, Signature,
};

use super::unchecked::is_check;
use super::{handler, leased};

const LINES: usize = 100_000;

#[test]
fn every_function_comes_out_as_it_went_in() {
    let functions = published();
    for Function { item, sig, .. } in &functions {
        let expanded = handler(item.clone());
        let name = &sig.ident;
        if expanded.to_string().contains("SL006: `.") {
            // Where the mistake was stands the error.
            parse(name, expanded);
            continue;
        }
        let (item, expanded) = (flat(item), flat(&expanded));
        assert!(expanded.starts_with(&item), "`{name}` was changed");
        // What follows can only be our own errors.
        let refused = expanded[item.len()..].join(" ");
        assert!(refused.is_empty() || refused.contains("compile_error"), "{name}: {refused}");
    }
}

#[test]
fn every_await_of_every_body_is_checked_in_a_lease() {
    let mut checked = 0;
    for Function { block, sig, .. } in published() {
        let name = &sig.ident;
        let item = quote! {
            async fn handler(db: &mut Session<Sqlite>) -> Result<(), Error> {
                db.lease(async |conn| #block).await
            }
        };
        let expanded = handler(item);
        let expanded = parse(name, expanded);
        let mut unchecked = Unchecked::default();
        unchecked.visit_file(&expanded);
        assert!(
            unchecked.refused || unchecked.awaits <= 1,
            "an await of `{name}` slipped through:\n{}",
            prettyplease::unparse(&expanded)
        );
        checked += unchecked.checked;
    }
    assert!(checked > 1_000, "the corpus has only {checked} awaits");
}

#[test]
fn every_function_can_be_refused_or_leased() {
    for Function { item, block, sig } in published() {
        // As it is, which is mostly an error, and as a leased function, which is none.
        drop(leased(item));
        let name = &sig.ident;
        let expanded = leased(quote!(async fn body(conn: &mut Conn<Sqlite>) #block));
        parse(name, expanded);
    }
}

struct Function {
    item: TokenStream,
    sig: Signature,
    block: Block,
}

/// At least [`LINES`] lines' worth of functions.
fn published() -> Vec<Function> {
    let mut functions = Functions::default();
    let mut lines = 0;
    for folder in dependencies() {
        for file in sources(&folder) {
            let Ok(source) = fs::read_to_string(&file) else { continue };
            // Test data of compilers and parsers is not always Rust.
            let Ok(file) = syn::parse_file(&source) else { continue };
            lines += source.lines().count();
            functions.visit_file(&file);
        }
        if lines > LINES && functions.awaits > 1_200 {
            break;
        }
    }
    assert!(lines > LINES, "only {lines} lines of published code were found");
    functions.all
}

/// Where the dependencies with the most async code lie, first.
fn dependencies() -> Vec<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--all-features", "--offline"])
        // Others' dependencies were never downloaded.
        .args(["--filter-platform", &host()])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let folders: BTreeSet<_> = packages
        .iter()
        .filter(|package| !package["source"].is_null())
        .map(|package| {
            let manifest = package["manifest_path"].as_str().unwrap();
            let name = package["name"].as_str().unwrap();
            let asynchronous = ["sqlx", "tokio", "deadpool", "futures", "hyper", "tower", "rmcp"];
            let last = !asynchronous.iter().any(|prefix| name.starts_with(prefix));
            (last, Path::new(manifest).parent().unwrap().to_owned())
        })
        .collect();
    folders.into_iter().map(|(_, folder)| folder).collect()
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc runs");
    let version = String::from_utf8(output.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("rustc says its host").to_owned()
}

pub(super) fn sources(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut entries: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
        .into_iter()
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[derive(Default)]
struct Functions {
    all: Vec<Function>,
    awaits: usize,
}

impl Functions {
    fn add(&mut self, item: impl ToTokens, attrs: &[Attribute], sig: &Signature, block: &Block) {
        // A function that names a lease is not one without.
        if attrs.is_empty() || !attrs.iter().any(|attr| attr.path().is_ident("handler")) {
            let item = item.into_token_stream();
            self.all.push(Function { item, sig: sig.clone(), block: block.clone() });
        }
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, node: &'ast ItemFn) {
        self.add(node, &node.attrs, &node.sig, &node.block);
        visit::visit_item_fn(self, node);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast ImplItemFn) {
        self.add(node, &node.attrs, &node.sig, &node.block);
        visit::visit_impl_item_fn(self, node);
    }

    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        self.awaits += 1;
        visit::visit_expr_await(self, node);
    }
}

/// Counts the awaits of an expansion that nothing checked: one, of the lease itself.
#[derive(Default)]
struct Unchecked {
    awaits: usize,
    checked: usize,
    refused: bool,
}

impl<'ast> Visit<'ast> for Unchecked {
    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        match &*node.base {
            Expr::MethodCall(call) if is_check(&call.method.to_string()) => self.checked += 1,
            _ => self.awaits += 1,
        }
        visit::visit_expr_await(self, node);
    }

    fn visit_expr_call(&mut self, node: &'ast ExprCall) {
        if matches!(&*node.func, Expr::Path(path) if path.path.segments.last().unwrap().ident == "call")
        {
            for argument in &node.args {
                match argument {
                    Expr::Async(block) => self.visit_block(&block.block),
                    other => self.visit_expr(other),
                }
            }
            return;
        }
        visit::visit_expr_call(self, node);
    }

    fn visit_expr_method_call(&mut self, node: &'ast ExprMethodCall) {
        match node.args.first() {
            Some(Expr::Async(block)) if node.method == "run_body" => self.visit_block(&block.block),
            _ => visit::visit_expr_method_call(self, node),
        }
    }

    // The future of a block that nothing vouches for is no database future.
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}

    fn visit_macro(&mut self, node: &'ast Macro) {
        let name = &node.path.segments.last().unwrap().ident;
        self.refused |= name == "compile_error";
        // std's own, by our path, is code like any other.
        let ours = node.path.segments.iter().any(|segment| segment.ident == "__private");
        if !ours && awaits(node.tokens.clone()) {
            self.awaits += 1;
        }
    }

    fn visit_item(&mut self, node: &'ast Item) {
        match node {
            Item::Fn(item) if item.sig.ident == "handler" => visit::visit_item(self, node),
            Item::Macro(item) => self.visit_macro(&item.mac),
            // A function in the body runs when it is called, as a future that is not ours.
            _ => {}
        }
    }
}

/// Tells whether there is an `await` anywhere in the tokens.
fn awaits(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == "await",
        TokenTree::Group(group) => awaits(group.stream()),
        _ => false,
    })
}

fn parse(name: &Ident, expanded: TokenStream) -> syn::File {
    let tokens = expanded.to_string();
    syn::parse2(expanded).unwrap_or_else(|error| panic!("`{name}`: {error}:\n{tokens}"))
}

/// Tokens one by one, without the spacing that printing may change.
pub(super) fn flat(tokens: &TokenStream) -> Vec<String> {
    let mut all = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => {
                all.push(format!("{:?}", group.delimiter()));
                all.extend(flat(&group.stream()));
                all.push("end".into());
            }
            token => all.push(token.to_string()),
        }
    }
    all
}
