//! Leases put together from all that Rust has for expressions, in every order.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use super::plain::{agreed, handler, leased};

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

proptest! {
    #![proptest_config(super::cases(800))]

    #[test]
    fn what_is_plain_agrees(first in expression(), last in expression()) {
        for body in [first.clone(), format!("{first}; {last}"), format!("{first} {last}")] {
            for item in [leased(&body), handler(&body)] {
                if syn::parse2::<syn::ItemFn>(item.clone()).is_ok() {
                    agreed(&item);
                }
            }
        }
    }
}
