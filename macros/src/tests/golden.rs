//! What the attributes make of typical functions, to read. `BLESS=1 cargo test` writes it anew.

use std::fs;
use std::path::Path;

use quote::{ToTokens, quote};
use syn::{File, Item};

use super::{handler, leased};

/// Expands each function of `golden/<name>.rs` that carries an attribute, and compares.
fn golden(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/golden");
    let source = fs::read_to_string(folder.join(format!("{name}.rs"))).unwrap();
    let file: File = syn::parse_str(&source).unwrap();
    let expanded = file.items.into_iter().map(|item| match item {
        Item::Fn(mut item) => match item.attrs.pop() {
            Some(attr) if attr.path().is_ident("handler") => handler(item.into_token_stream()),
            Some(attr) if attr.path().is_ident("leased") => leased(item.into_token_stream()),
            _ => panic!("`{}` has no attribute of ours last", item.sig.ident),
        },
        other => quote!(#other),
    });
    let expanded = syn::parse2(expanded.collect()).expect("an expansion parses");
    let expanded = prettyplease::unparse(&expanded);
    let path = folder.join(format!("{name}.expanded.rs"));
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &expanded).unwrap();
    }
    let blessed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expanded == blessed,
        "the expansion of {name}.rs changed; read it, then bless it with BLESS=1:\n{expanded}"
    );
}

#[test]
fn a_lease_and_a_remote_call() {
    golden("lease");
}

#[test]
fn leases_of_one_statement() {
    golden("statement");
}

#[test]
fn a_transaction_with_a_savepoint() {
    golden("transaction");
}

#[test]
fn a_leased_function() {
    golden("leased");
}

#[test]
fn a_stream_in_a_loop() {
    golden("stream");
}

#[test]
fn macros_in_a_lease() {
    golden("macros");
}

#[test]
fn an_aliased_result() {
    golden("alias");
}

#[test]
fn either() {
    golden("either");
}
