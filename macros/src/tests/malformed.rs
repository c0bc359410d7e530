//! Leases as they look while someone is typing them, and worse.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use proptest::sample::select;

use super::{handler, leased};

/// The words of a lease, in no order.
fn word() -> impl Strategy<Value = String> {
    select(vec![
        "db",
        "conn",
        "tx",
        ".",
        "lease",
        "transaction",
        "savepoint",
        "async",
        "move",
        "|conn|",
        "|",
        "await",
        "?",
        ";",
        ",",
        "let",
        "=",
        "::",
        "!",
        "(conn)",
        "load(conn).await",
        "for",
        "in",
        "as",
        "match",
        "=>",
        "if",
        "else",
        "loop",
        "return",
        "fn",
        "sqlx::query",
        "\"SELECT 1\"",
        "\"BEGIN\"",
        "fetch_one",
        "execute",
        "format!",
        "json!",
        "matches!",
        "tokio::pin!",
        "bail!",
        "select!",
        "unknown!",
        "0",
        "&mut",
        "*",
        "::<_>",
        "#[cfg(x)]",
        "'a",
        "-> Result<(), E>",
        "unsafe",
        "const",
        "impl",
        "struct",
    ])
    .prop_map(str::to_owned)
}

/// Words, some of them in brackets.
fn words() -> impl Strategy<Value = String> {
    word().prop_recursive(5, 60, 8, |inner| {
        (prop::collection::vec(inner, 0..8), select(vec![("(", ")"), ("{", "}"), ("[", "]")]))
            .prop_map(|(words, (open, close))| format!("{open} {} {close}", words.join(" ")))
    })
}

fn tokens(source: &str) -> TokenStream {
    source.parse().expect("words lex")
}

proptest! {
    #![proptest_config(super::cases(2_000))]

    #[test]
    fn no_tokens_panic_and_none_are_lost(body in prop::collection::vec(words(), 0..12)) {
        let body = body.join(" ");
        for item in [
            body.clone(),
            format!("async fn h(db: &mut Session<Sqlite>) -> Result<(), E> {{ {body} }}"),
            format!("async fn h(conn: &mut Conn<Sqlite>) {{ {body} }}"),
            format!("async fn h() {{ db.lease(async |conn| {{ {body} }}).await }}"),
            format!("async fn h() -> Result<(), E> {{ db.lease(async |conn| {{ {body} }}).await }}"),
            format!("impl T {{ {body} async fn h() {{ {body} }} }}"),
            format!("fn h() -> {body} {{ Box::pin(async move {{ {body} }}) }}"),
        ] {
            let item = tokens(&item);
            for expanded in [handler(item.clone()), leased(item.clone())] {
                // Either it was understood, or it is there as it came, with the error behind it.
                let understood = syn::parse2::<syn::File>(item.clone()).is_ok();
                prop_assert!(understood || expanded.to_string().starts_with(&item.to_string()));
            }
        }
    }

    #[test]
    fn no_arguments_panic(args in prop::collection::vec(words(), 0..6)) {
        let item = tokens("async fn h(conn: &mut Conn<Sqlite>) {}");
        for role in [crate::item::Role::Handler, crate::item::Role::Leased] {
            let expanded = crate::attribute::apply(role, tokens(&args.join(" ")), item.clone());
            prop_assert!(expanded.to_string().contains("fn h"));
        }
    }
}
