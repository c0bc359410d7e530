//! Leases as they look while someone is typing them, and worse.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use proptest::sample::select;

use super::corpus::flat;
use super::{handler, leased};

/// The words of a lease, in no order.
fn word() -> impl Strategy<Value = String> {
    select(vec![
        "db", "conn", "tx", ".", "lease", "transaction", "savepoint", "async", "move", "|conn|",
        "|", "await", "?", ";", ",", "let", "=", "::", "!", "(conn)", "load(conn).await", "for",
        "in", "as", "match", "=>", "if", "else", "loop", "return", "fn", "sqlx::query",
        "\"SELECT 1\"", "\"BEGIN\"", "fetch_one", "execute", "format!", "json!", "matches!",
        "tokio::pin!", "bail!", "select!", "unknown!", "0", "&mut", "*", "::<_>", "#[cfg(x)]",
        "'a", "-> Result<(), E>", "unsafe", "const", "impl", "struct", "map", "inspect",
        "i64::MAX", "<", ">",
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
                // Every token is there, in its order, unless an error took its place.
                let (body, expanded) = (flat(&tokens(&body)), flat(&expanded));
                let mut rest = expanded.iter();
                let kept = body.iter().all(|token| rest.any(|kept| kept.contains(token)));
                let refused = expanded.iter().any(|token| token == "compile_error");
                prop_assert!(kept || refused, "{body:?}\n{expanded:?}");
            }
        }
    }

    #[test]
    fn no_arguments_panic(args in prop::collection::vec(words(), 0..6)) {
        let item = tokens("async fn h(conn: &mut Conn<Sqlite>) {}");
        for role in [crate::args::Role::Handler, crate::args::Role::Leased] {
            let expanded = crate::function::expand(role, tokens(&args.join(" ")), item.clone());
            prop_assert!(expanded.to_string().contains("fn h"));
        }
    }
}
