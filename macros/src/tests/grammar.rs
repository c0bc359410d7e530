//! Leases put together from all that Rust has for expressions, in every order, and from attacks on the walk over
//! their tokens: no await and no macro call comes out of one that is not checked.

use proc_macro2::TokenStream;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest::test_runner::TestCaseError;
use quote::quote;

use super::unchecked::unchecked;
use super::{handler, leased};

/// `{}` stands for an expression.
const EXPRESSIONS: &[&str] = &[
    "a",
    "b.c()",
    "d::e",
    "1",
    "\"SELECT 1\"",
    "\"SET a = 1\"",
    "conn",
    "&mut *conn",
    "load(conn).await?",
    "{}.await",
    "{}.await",
    "{}.await?",
    "f({}).await",
    "{}.execute(conn)",
    "{}.execute(&mut *conn).await",
    "{}.fetch_one(conn).await",
    "{}.fetch(conn)",
    "{}.fetch_all({})",
    "sqlx::query_as::<_, (A, B)>({}).fetch_one(conn).await",
    "{}?",
    "{}.a",
    "{}.0",
    "{}.a({})",
    "{}.a::<B<C>>({}, {})",
    "{}({})",
    "{}[{}]",
    "a::b({}, conn)",
    "A::<B>::c({})",
    "<A as B>::c({})",
    "::a::b({})",
    "({})",
    "({}, {})",
    "[{}, {}]",
    "[{}; 2]",
    "-{}",
    "!{}",
    "*{}",
    "&{}",
    "&mut {}",
    "{} + {}",
    "{} - {}",
    "{} * {}",
    "{} & {}",
    "{} | {}",
    "{} | {} | {}",
    "{} || {}",
    "{} && {}",
    "{} << {}",
    "{} < {}",
    "{} > {}",
    "{} == {}",
    "{} <= {}",
    "{} = {}",
    "{} += {}",
    "{}..{}",
    "{} as A",
    "{} as A<B>",
    "{} as &mut A",
    "A { b: {}, c }",
    "A { b: {}, ..{} }",
    "|b| {}",
    "|| {}",
    "|conn| {}",
    "|(b, _): (B, C<D>), e| {}",
    "|b| -> C { {} }",
    "async { {} }",
    "{ {} }",
    "{ {}; {} }",
    "{ let b = {}; {} }",
    "{ let conn = {}; {} }",
    "{ let (b, conn): (B, C) = {}; {} }",
    "{ let Some(b) = {} else { {} }; {} }",
    "{ let b: [B; 2] = {}; c() }",
    "{ {} {} }",
    "'b: { {} }",
    "const { {} }",
    "if {} { {} } else { {} }",
    "if {} { {}; }",
    "if let Some(b) = {} { {} } else if {} { {} } else { {} }",
    "if let Some(b) = {} && {} { {} } else { {} }",
    "match {} { A => {}, B(b) | C(b) if {} => {}, _ => {} }",
    "match {} { (A, B) => { {} } [b, c] => { {} } D { e } => {}, f => {} }",
    "match {} { Some(conn) => {}, | A | B => {}, \"SET a = 1\" => {} }",
    "match {} { conn => {} }",
    "match {} { 1..=2 => {}, b @ C => {}, &d => {} }",
    "while {} { {} }",
    "while let Some(b) = {} { {}; }",
    "for (b, mut c) in {} { {}; }",
    "for conn in {} { {} }",
    "loop { {} }",
    "return {}",
    "a!({})",
    "format!(\"{}\", {})",
    "db.lease(async |b| {})",
    "db.lease(async |b| {}).await",
    "a({}).lease(async |b| {}).await?",
    "{}.transaction(async |b| { {} }).await",
    "a.transaction(async |b| {}.execute(&mut **b).await).await",
    "tx.savepoint(async |b| {}).await",
    "pool.acquire().await",
    "a.join()",
    "sleep({})",
    // Regions that are left as they are, and what could be taken for one.
    "async |b| {}",
    "async move |b: B<C, D>| { {} }",
    "async |b| -> B { {} }.c({})",
    "match async |b| b { c => {}, _ => {} }",
    "match async |b| { {} } { c => {}, _ => {} }",
    "if let b = async |c| c { {} }",
    "for b in async || c { {} }",
    "{ let b = async |c| c else { {} }; {} }",
    "spawn(async move { {} })",
    "spawn({})",
    "a.spawn({}, async { {} })",
    "a as B<C, D> + e!({})",
    "match {} { a if b as C<D, E> + f!() == {} => {}, _ => {} }",
    "union as i64 + {}",
    "auto + {}",
    "{ fn b() -> C { d.await } {} }",
    "{ async fn b<C: D<E>>() { e!(); f.await } {} }",
    "{ struct B; impl C for B { fn d() { e!() } } {} }",
    "{ const B: C = { 1 }; static D: E = 2; {} }",
    "{ mod b { fn c() {} } use d::e; type F = G<H>; {} }",
    "{ macro_rules! b { () => { c.await } } {} }",
    "{ #[allow(unused)] let b = {}; #[cfg(c)] d!({}); {} }",
    "a!({}).b({})",
    "a::b![{}]",
    "{ a!({}); b! { {} } {} }",
    "&mut a!({})",
    "{ a!({}) = {}; b!()[0] += {}; }",
    "{ let ref mut a = b!({}); {} }",
    "if let Some(a) = b!({}) { {} } else { {} }",
    "match a!({}) { Some(ref mut b) => {}, _ => c!({}).d() }",
    "(a!({})).b()",
    "{ bail!({}); }",
    "match {} { A => bail!({}), B => panic!(\"{}\", {}), _ => unreachable!() }",
    "{ let Some(a) = {} else { panic!(\"b\") }; {} }",
    "vec![{}, {}]",
    "vec![{}; {}]",
    "{ pin!({}); std::pin::pin!({}) }",
    "[{}; { a.await }]",
    "a::<{ 1 }, B>({})",
    "{}..={}",
    "unsafe { {} }",
];

fn expression() -> impl Strategy<Value = String> {
    let (leaves, nodes): (Vec<_>, Vec<_>) =
        EXPRESSIONS.iter().copied().partition(|shape| !shape.contains("{}"));
    select(leaves).prop_map(str::to_owned).prop_recursive(4, 24, 3, move |inner| {
        Union::new(nodes.iter().map(|shape| {
            let parts: Vec<&'static str> = shape.split("{}").collect();
            let holes = prop::collection::vec(inner.clone(), parts.len() - 1);
            holes.prop_map(move |holes| {
                let mut holes = holes.into_iter();
                parts
                    .iter()
                    .map(|part| part.to_string() + &holes.next().unwrap_or_default())
                    .collect()
            })
        }))
    })
}

/// What the closures in the shapes above are named for: `{}` in a text is no expression.
fn filled(body: &str) -> String {
    body.replace("\"\"", "\"{}\"")
}

/// An item around a body, and its expansion.
type Expand = fn(TokenStream) -> (TokenStream, TokenStream);

fn no_await_or_call_is_unchecked(
    first: &str,
    last: &str,
    expand: Expand,
) -> Result<(), TestCaseError> {
    for body in [first.to_owned(), format!("{first}; {last}"), format!("{first} {last}")] {
        let Ok(body) = filled(&body).parse::<TokenStream>() else { continue };
        // Other code does not compile, whatever becomes of it.
        if syn::parse2::<syn::Block>(quote!({ #body })).is_err() {
            continue;
        }
        let (item, expanded) = expand(body);
        if syn::parse2::<syn::ItemFn>(item).is_err() {
            continue;
        }
        let text = expanded.to_string();
        match syn::parse2::<syn::File>(expanded) {
            Ok(file) => {
                let found = unchecked(&file);
                prop_assert!(found.is_empty(), "{found:?} in\n{}", prettyplease::unparse(&file));
            }
            // A refusal may stand in a place that is no expression's.
            Err(error) => prop_assert!(text.contains("compile_error"), "{error}: {text}"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(super::cases(2_000))]

    #[test]
    fn nothing_comes_out_of_a_leased_function_unchecked(first in expression(), last in expression()) {
        no_await_or_call_is_unchecked(&first, &last, |body| {
            let item = quote!(async fn handler(conn: &mut Conn<Sqlite>) -> Result<(), E> { #body });
            (item.clone(), leased(item))
        })?;
    }

    #[test]
    fn nothing_comes_out_of_a_lease_unchecked(first in expression(), last in expression()) {
        no_await_or_call_is_unchecked(&first, &last, |body| {
            let item = quote!(async fn handler() -> Result<(), E> { db.lease(async |conn| { #body }).await });
            (item.clone(), handler(item))
        })?;
    }

    #[test]
    fn nothing_comes_out_of_a_lease_without_braces_unchecked(first in expression(), last in expression()) {
        no_await_or_call_is_unchecked(&first, &last, |body| {
            let item = quote!(async fn handler() -> Result<(), E> { db.transaction(async |conn| #body).await });
            (item.clone(), handler(item))
        })?;
    }
}
