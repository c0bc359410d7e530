//! Which methods `#[leased]` marks in an `impl`, a `trait` or a `mod`: those whose connection is in `self` too.

use proc_macro2::TokenStream;
use syn::visit::{self, Visit};

use super::leased;

/// Returns the names of the functions that come out marked.
fn marked(item: &str) -> Vec<String> {
    let expanded = leased(item.parse::<TokenStream>().expect("it lexes"));
    let file = syn::parse2(expanded).expect("an expansion parses");
    let mut marked = Marked(Vec::new());
    marked.visit_file(&file);
    marked.0
}

struct Marked(Vec<String>);

impl<'ast> Visit<'ast> for Marked {
    fn visit_signature(&mut self, sig: &'ast syn::Signature) {
        use quote::ToTokens;
        if sig.output.to_token_stream().to_string().contains("DbCall") {
            self.0.push(sig.ident.to_string());
        }
        visit::visit_signature(self, sig);
    }
}

#[test]
fn a_field_that_is_given_to_a_verb() {
    let item = r#"impl Repo<'_> {
        async fn direct(&mut self) { query("..").execute(&mut *self.link).await }
        async fn moved(&mut self) { query("..").execute(self.link).await }
        async fn handed_on(&mut self) { load(self.link, 1).await }
        async fn calls_another(&mut self) { self.direct().await }
        async fn calls_that(&mut self) { if x { self.calls_another().await } }
        async fn other_field(&self) { self.mcp.call().await }
        async fn calls_that_one(&self) { self.other_field().await }
        async fn own(&self, mcp: &Mcp) { mcp.call().await }
        fn plain(&mut self) -> &mut Conn<Sqlite> { self.link }
    }"#;
    assert_eq!(marked(item), ["direct", "moved", "handed_on", "calls_another", "calls_that"]);
}

#[test]
fn a_field_by_its_name_or_its_borrow() {
    let item = r#"impl Repo<'_> {
        async fn by_name(&mut self) { load(self.conn).await }
        async fn by_method(&mut self) { load(self.conn()).await }
        async fn savepoint(&mut self) { self.tx.savepoint(async |tx| load(tx).await).await }
        async fn reborrowed(&mut self) { let link = &mut **self.storage.link; load(link).await }
        async fn of_a_tuple(&mut self) { query("..").execute(&mut *self.0).await }
        async fn counts(&mut self) { let counter = &mut self.counter; *counter += 1; }
    }"#;
    let expected = ["by_name", "by_method", "savepoint", "reborrowed", "of_a_tuple"];
    assert_eq!(marked(item), expected);
}

#[test]
fn an_implementation_for_a_connection() {
    let item = r#"impl Tools for Conn<Sqlite> {
        async fn url(&mut self, id: i64) -> Result<String, E> { query("..").bind(id).fetch_one(self).await }
        async fn name(&self) -> String { "tools".into() }
    }"#;
    assert_eq!(marked(item), ["url"]);
    let expanded = leased(item.parse().unwrap()).to_string();
    assert!(expanded.contains("__fetch_one"), "{expanded}");
}

/// A trait and its implementations are read apart, so both go by the signature.
#[test]
fn a_trait_and_its_implementations() {
    let declared = "trait Tools {
        async fn url(&mut self, id: i64) -> Result<String, E>;
        async fn both(&mut self) { self.url(1).await; self.url(2).await }
        async fn name(&self) -> String;
    }";
    assert_eq!(marked(declared), ["url", "both"]);
    let fake = "impl Tools for Fake {
        async fn url(&mut self, id: i64) -> Result<String, E> { Ok(self.urls[id].clone()) }
        async fn name(&self) -> String { String::new() }
    }";
    assert_eq!(marked(fake), ["url"]);
    let by_parameter = "trait Tools {
        async fn url(&mut self, conn: &mut Conn<Sqlite>);
        async fn refresh(&mut self);
    }";
    assert_eq!(marked(by_parameter), ["url"]);
}

#[test]
fn a_module() {
    let item = r#"mod tools {
        trait Tools { async fn url(&mut self); async fn ping(&mut self); }
        impl Tools for Repo<'_> {
            async fn url(&mut self) { query("..").fetch_one(&mut *self.link).await }
            async fn ping(&mut self) { self.mcp.ping().await }
        }
        impl Tools for Fake { async fn url(&mut self) {} async fn ping(&mut self) {} }
        async fn load(conn: &mut Conn<Sqlite>) {}
    }"#;
    assert_eq!(marked(item), ["url", "url", "url", "load"]);
}
