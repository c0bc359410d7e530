//! Where `plain` answers, it answers what `check` and `expand` would have.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit::{self, Visit};
use syn::{Attribute, Ident, ImplItemFn, ItemFn, LitStr, Macro, TraitItemFn};

use super::corpus::sources;
use crate::attribute;
use crate::item::Role;
use crate::plain;

/// What `plain` makes of it, if anything: the same as the others do, where it is Rust.
pub(super) fn agreed(item: &TokenStream) -> Option<TokenStream> {
    let ours = plain::handler(item.clone())?;
    if syn::parse2::<ItemFn>(item.clone()).is_err() {
        assert!(syn::parse2::<ItemFn>(ours.clone()).is_err(), "{item} became {ours}");
        return Some(ours);
    }
    let theirs = attribute::apply(Role::Handler, TokenStream::new(), item.clone());
    // But for the space between tokens, which means nothing.
    let dense = |tokens: &TokenStream| tokens.to_string().replace(char::is_whitespace, "");
    assert_eq!(dense(&ours), dense(&theirs), "of {item}");
    Some(ours)
}

pub(super) fn handler(body: &str) -> TokenStream {
    let code = format!(
        "pub async fn handler(db: &mut Session<Sqlite>, id: i64) -> Result<i64, Error> {{ {body} }}"
    );
    TokenStream::from_str(&code).unwrap_or_else(|error| panic!("{error} in {code}"))
}

/// In a lease that is otherwise plain.
pub(super) fn leased(body: &str) -> TokenStream {
    handler(&format!("db.lease(async |conn| {{ {body} }}).await"))
}

#[test]
fn what_is_plain() {
    for body in [
        "Ok(1)",
        "load(conn, id).await",
        "load(conn, id).await?; Ok(1)",
        "let a = load(conn, id).await?; Ok(a + 1)",
        "let a: Vec<(i64, String)> = load(&mut *conn).await?; Ok(a.len() as i64)",
        "sqlx::query(\"DELETE FROM t\").bind(id).execute(conn).await?; Ok(1)",
        "sqlx::query_scalar(\"SELECT 1\").fetch_one(&mut *conn).await",
        "sqlx::query_as::<_, (i64,)>(\"SELECT a FROM t\").fetch_one(conn).await",
        "let mut rows = sqlx::query(\"SELECT 1\").fetch(conn); while let Some(row) = rows.try_next().await? { keep(row); } Ok(1)",
        "if let Some(a) = load(conn).await? { store(conn, a).await?; } else { skip(); } Ok(1)",
        "for a in load_all(conn).await? { store(conn, &a).await?; } Ok(1)",
        "let Some(a) = load(conn).await? else { fail()? }; Ok(a)",
        "match load(conn).await? { Some(a) if a > 1 => store(conn, a).await?, None => {} } Ok(1)",
        "let t = Tool { id, name: load(conn).await?, n: [1, 2] }; Ok(t.name.len())",
        "let (a, b) = (load(conn).await?, -1); Ok(!a & b)",
        "tx(conn).x.0.a(load(conn).await?)?.b().await",
        "let a = if id == 1 { load(conn).await? } else { 2 }; Ok(a)",
        "conn.touch(); ::std::mem::drop(id); a::b::<C>(conn).await",
        "let a = b < c && d != e || !f; Ok(a)",
        "{ load(conn).await?; } load(conn).await",
        "let a = load(conn).await?; Ok(a.iter().map(|b: &B| b.c + 1).filter(|_| true).any(|| d || e))",
        "match load(conn).await? { Some(a) | Other(a) => Ok(a), None => Err(id) }",
        "if load(conn).await? { Ok(1) } else if id == 1 { Ok(2) } else { Err(id) }",
        "load(conn).await?; Tool { id: load(conn).await? }",
        "Ok(a(|| b.await, |c| || load(conn).await))",
        "&load(conn).await; 1 + load(conn).await",
    ] {
        assert!(agreed(&leased(body)).is_some(), "{body}");
    }
    for body in [
        "let a = db.lease(async |conn| load(conn).await).await?; remote(a).await",
        "self.db.transaction(async |tx| { tx_ends(tx).await?; Ok(1) }).await",
        "let a = Tool { id: db.lease(async |c| load(c).await).await? }; remote!(a); Ok(a.id)",
        "if a { return db.session().lease(async |c| load(c).await).await; } later().await",
        "tokio::join!(a, b); async { db.lease(async |c| load(c).await).await }.await",
        "let f = async || db.lease(async |c| load(c).await).await; f().await",
        "f(&db.lease(async |c| load(c).await).await?).await",
        "println!(\"{}\", 1); Ok(1)",
        "'a: { break db.lease(async |conn| load(conn).await).await }",
    ] {
        assert!(agreed(&handler(body)).is_some(), "{body}");
    }
}

#[test]
fn what_is_one_statement() {
    let is_one = |item: &TokenStream| {
        let ours = attribute::apply(Role::Handler, TokenStream::new(), item.clone());
        ours.to_string().contains("one_statement")
    };
    for query in [
        "q",
        "self.a.0.q",
        "sqlx::query(\"DELETE FROM t\")",
        "sqlx::query_as::<_, (i64, A<[B; 2]>)>(\"SELECT a FROM t\").bind(id).bind(&a.b[0]).bind(c as i64)",
        "a::b(d, -e, [f, 2], g::h(i.j(k)))",
        "q.bind(-a + f(b)).persistent(false)",
        "self.q.build::<G>(a.b(c), [d(e), f])",
        "build(&mut a, *b, c < d)",
    ] {
        for (opened, conn) in [
            ("db.lease(async |conn|", "conn"),
            ("db.lease(async |conn|", "&mut *conn"),
            ("db.transaction(async |conn|", "&mut **conn"),
        ] {
            let body = format!("{query}.execute({conn}).await");
            for body in [body.clone(), format!("{{ {body} }}")] {
                let item = handler(&format!("{opened} {body}).await"));
                assert!(is_one(&item) && agreed(&item).is_some(), "{item}");
            }
        }
    }
    for body in [
        "sqlx::query!(\"DELETE FROM t WHERE a = $1\", id).execute(conn).await",
        "sqlx::query_as!(Tool, \"SELECT a FROM t\").fetch_one(conn).await",
    ] {
        assert!(is_one(&leased(body)), "{body}");
    }
    // A macro that may leave the function leaves the lease, and not the handler.
    let checked = leased("sqlx::query!(\"SELECT 1\").fetch_one(conn).await");
    let trusting = attribute::apply(Role::Handler, quote!(trust(query)), checked);
    assert!(!trusting.to_string().contains("one_statement"), "{trusting}");
    for body in [
        "q.bind(load(conn).await?).execute(conn).await",
        "q.bind(f(conn)).execute(conn).await",
        // What would be dropped after the lease, and is held while it is waited for.
        "q.bind(&f(a)).execute(conn).await",
        "q.bind(*f(a)).execute(conn).await",
        "q.bind(f(a) * b).execute(conn).await",
        "q.bind(f(a) == b).execute(conn).await",
        "q.bind(f(&g(a))).execute(conn).await",
        "q.bind(&[f(a)]).execute(conn).await",
        "q.bind(&mut a.b(c)).execute(conn).await",
        "q.bind(f(a).b()).execute(conn).await",
        "q.bind(f(a).b).execute(conn).await",
        "q.bind(f(a)[0]).execute(conn).await",
        "q.bind((a).b()).execute(conn).await",
        "a().b().execute(conn).await",
        "a().b.execute(conn).await",
        "a.b().c().execute(conn).await",
        "a.b().bind::<C>(c).execute(conn).await",
        "a[0].execute(conn).await",
        "a()[0].execute(conn).await",
        "(q).execute(conn).await",
        "1.execute(conn).await",
        "q.bind(r#a).execute(conn).await",
        "q.bind(a.execute(conn)).execute(conn).await",
        "conn.execute(conn).await",
        "q.bind(a?).execute(conn).await",
        "q?.execute(conn).await",
        "q.bind(|| a).execute(conn).await",
        "q.bind(return a).execute(conn).await",
        "q.bind({ a }).execute(conn).await",
        "q.bind(A { a }).execute(conn).await",
        "q.bind(if a { b } else { c }).execute(conn).await",
        "q.bind(a!(b)).execute(conn).await",
        "sqlx::query!(\"SELECT 1\", a?).execute(conn).await",
        "sqlx::query!(\"SELECT 1\", f(conn)).execute(conn).await",
        "a!(b).execute(conn).await",
        "q.fetch(conn).await",
        "q.other(conn).await",
        "q.execute::<A>(conn).await",
        "q.execute(conn, a).await",
        "q.execute(&mut **conn).await",
        "q.execute(&mut conn).await",
        "q.execute(&*conn).await",
        "q.execute(*conn).await",
        "q.execute(a).await",
        "q.execute(conn)",
        "q.execute(conn).await?",
        "q.execute(conn).await.map(f)",
        "q.execute(conn).await; a",
        "a; q.execute(conn).await",
        "(q.execute(conn).await)",
        "Ok(q.execute(conn).await?)",
        "&q.execute(conn).await",
        "a = q.execute(conn).await",
        "a + q.execute(conn).await",
        "unsafe { q.execute(conn).await }",
        "#[a] q.execute(conn).await",
        "q.bind(#[a] b).execute(conn).await",
    ] {
        let item = leased(body);
        agreed(&item);
        assert!(!is_one(&item), "{body}");
    }
    for lease in [
        "async move |conn| q.execute(conn).await",
        "async |conn: &mut Conn<Sqlite>| q.execute(conn).await",
        "async |conn| -> Result<i64, E> { q.execute(conn).await }",
        "async |mut conn| q.execute(conn).await",
        "async |r#conn| q.bind(conn).execute(r#conn).await",
        "#[a] async |conn| q.execute(conn).await",
        "async |conn| 'a: { q.execute(conn).await }",
    ] {
        let item = handler(&format!("db.lease({lease}).await"));
        agreed(&item);
        assert!(!is_one(&item), "{lease}");
    }
}

/// As it stands in a type or not, a handler is named in another way.
#[test]
fn where_one_statement_stands() {
    for (parameters, method) in [
        ("", false),
        ("self", true),
        ("mut self", true),
        ("&self", true),
        ("&'a mut self", true),
        ("self: &Arc<Self>", true),
        ("#[a(b)] &self, c: D", true),
        ("a: self::B", false),
        ("self::A(b): self::A", false),
        ("a: &'a B", false),
        ("mut a: B", false),
        ("(a, b): (A, B)", false),
    ] {
        let code = format!(
            "async fn r#a<'a>({parameters}) -> Result<i64, E> {{ db.lease(async |c| q.execute(c).await).await }}"
        );
        let ours = agreed(&TokenStream::from_str(&code).unwrap()).expect(parameters).to_string();
        let ours = ours.replace(char::is_whitespace, "");
        let site = ["module_path!(),\"a\"", "type_name::<Self>(),\"a\""][usize::from(method)];
        assert!(ours.contains(site), "{ours}");
    }
}

#[test]
fn whose_error_is_plain() {
    for output in [
        "Result<i64, E>",
        "std::result::Result<Vec<(A, B)>, C<D, F>>",
        "::core::result::Result<&'static str, &'static str>",
        "Result<(), Box<dyn Error + Send + Sync + 'static>>",
        "Result<[u8; 4], (A, [B; 2])>",
        "Result<A, <B as C>::D>",
        "Result<Result<A, B>, Result<C, D>>",
        "Result<A, E<'static>>",
        "Result<A, fn(B)>",
        "Result<A, !>",
    ] {
        let code = format!(
            "async fn a<'c, const N: usize, T: Into<i64>>(db: &'c mut Session<Sqlite>) -> {output} {{
                db.lease(async |conn| load(conn).await).await
            }}"
        );
        let item = TokenStream::from_str(&code).unwrap();
        assert!(agreed(&item).is_some(), "{output}");
    }
}

#[test]
fn what_is_left_to_the_others() {
    for body in [
        "",
        "remote(async { 1 }).await",
        "return load(conn).await;",
        "if a { load(conn).await } else { load(conn).await }",
        "match a { _ => load(conn).await }",
        "(load(conn).await)",
        "unsafe { load(conn).await }",
        "let c = conn; load(c).await",
        "let c = &mut *conn; load(c).await",
        "let conn = other; load(conn).await",
        "let (a, conn) = other; load(conn).await",
        "let c = (conn); load(c).await",
        "let c = Held { conn }; load(c).await",
        "let c = [conn]; load(c).await",
        "std::thread::sleep(a); Ok(1)",
        "a.block_on(b); Ok(1)",
        "a.join(); Ok(1)",
        "sqlx::query(\"SET a = 1\").execute(conn).await",
        "sqlx::query(\"SELECT pg_advisory_lock(1)\").execute(conn).await",
        "sqlx::query(\"SELECT 1; BEGIN\").execute(conn).await",
        "sqlx::query(r#\"SET a = 1\"#).execute(conn).await",
        "sqlx::query(\"\\x53ET a = 1\").execute(conn).await",
        "sqlx::query(\"SELECT 1\\x3b BEGIN\").execute(conn).await",
        "sqlx::query(\"SELECT pg_advisory_\\\n lock(1)\").execute(conn).await",
        "sqlx::query(\"SELECT pg_advisory_loc\u{212a}(1)\").execute(conn).await",
        "sqlx::query(\"SELECT 1\").execute(pool).await",
        "sqlx::query(\"SELECT 1\").execute(&mut *other).await",
        "hidden!(conn); Ok(1)",
        "format!(\"{}\", load(conn).await?); Ok(1)",
        "a.map(|conn| conn); Ok(1)",
        "a.map(|b, conn| conn.c); Ok(1)",
        "a.map(move |b| b); Ok(1)",
        "if a { load(conn).await?; } else { b } if a { Ok(1) } else { Ok(2) }",
        "tx.savepoint(async |sp| load(sp).await).await",
        "conn.unchecked(\"why\", async |raw| remote(raw).await).await",
        "db.lease(async |c| load(c).await).await",
        "pool.acquire().await",
        "#[cfg(a)] load(conn).await; Ok(1)",
        "fn inner() {} load(conn).await",
        "loop { break load(conn).await }",
        "'a: { load(conn).await }",
        "async { load(conn).await }.await",
        "a..b(conn).await",
        "<A as B>::load(conn).await",
        "let a = match b { _ => 1 } | f(remote().await) | 2; Ok(a)",
        "let a = b as C<D> | f(remote().await) | 2; Ok(a)",
        "let a = { 1 } | query(\"SET a = 1\") | 2; Ok(a)",
        "let a = { 1 } | f(hidden!(b)) | 2; Ok(a)",
        "let (a, hidden!(b.await)) = c; Ok(1)",
        "let a: [u8; b.join()] = c; Ok(1)",
        "a::<{ std::thread::sleep(b) }>(); Ok(1)",
        "|a| -> C { a }.fetch(conn)",
        "let a = match b { _ => c } (1).await; Ok(a)",
        "let a = if b { c } else { d } [0].await; Ok(a)",
        "match { a } == c { _ => load(conn).await }",
        "if match a { _ => b } && c { load(conn).await } else { Err(d) }",
        "let a = Tool { id: <A>::new(conn).await? }; Ok(a)",
        "let a = b < <A>::new(conn).await; Ok(a)",
    ] {
        assert!(agreed(&leased(body)).is_none(), "{body}");
    }
    for body in [
        "db.lease(async |conn| load(conn).await)",
        "let a = db.lease(async |conn| load(conn).await); a.await",
        "db.lease(async move |conn| load(conn).await).await",
        "db.lease(async |conn| -> Result<i64, Error> { load(conn).await }).await",
        "db.lease(async |conn: &mut Conn<Sqlite>| load(conn).await).await",
        "db.lease(async |_| load().await).await",
        "db.lease(load).await",
        "db.lease::<A>(async |conn| load(conn).await).await",
        "hidden!(db.lease(async |conn| load(conn).await).await)",
        "fn inner() { db.lease(async |conn| load(conn).await).await }",
        "db.execute(sqlx::query(\"SET a = 1\")).await",
        "pool.acquire().await",
        "tx.savepoint(async |sp| load(sp).await).await",
        "a::db().lease(async |conn| load(conn).await).await",
        "a?.lease(async |conn| load(conn).await).await",
        "match (a).lease(async |conn| load(conn).await).await { _ => 1 }",
        "'a: { break 'a (b).lease(async |conn| load(conn).await).await }",
        "a db.lease(async |conn| load(conn).await).await",
        "a? db.lease(async |conn| load(conn).await).await",
        "db.lease(async |conn| load(conn).await, 1).await",
        "db.lease(async |conn| -> T { Ok(1) }).await",
        "db.lease(async |true| Ok(1)).await",
        "db.lease(async |Self| Ok(1)).await",
    ] {
        assert!(agreed(&handler(body)).is_none(), "{body}");
    }
    for item in [
        "fn a() -> Result<i64, Error> { Box::pin(async move { 1 }) }",
        "async fn a() -> &'static str { 1 }",
        "async fn a() -> (i64, i64) { (1, 2) }",
        "async fn a() -> Result<i64, _> { Ok(1) }",
        "async fn a() -> Result<i64, fn() -> E> { Ok(1) }",
        "async fn a() -> Pin<Box<dyn Future<Output = Result<i64, E>> + Send>> { b() }",
        "async fn a() -> BoxFuture<'static, Result<i64, E>> { b() }",
        "async fn a() -> Result<i64, impl Debug> { Ok(1) }",
        "async fn a() -> Result<i64, E> where E: F { Ok(1) }",
        "async fn a() -> &'static Result<i64, E> { Ok(1) }",
        "async fn a() -> dyn Result<i64, E> { Ok(1) }",
        "async fn a() -> Other::<i64, E> { Ok(1) }",
        "async fn a() -> Result<i64, Item = E> { Ok(1) }",
        "async fn a() -> Result<i64, E: F> { Ok(1) }",
        "async fn a() -> Result<i64, 'e> { Ok(1) }",
        "async fn a() -> Result<i64, { E }> { Ok(1) }",
        "async fn a() -> : { Ok(1) }",
        "async fn a(pool: &PgPool) -> Result<i64, E> { Ok(1) }",
        "async fn a(pool: Option<&sqlx::Pool<Sqlite>>) -> Result<i64, E> { Ok(1) }",
        "impl A { async fn a() -> Result<i64, E> { Ok(1) } }",
        "async fn a() -> Result<i64, E>;",
        "struct A;",
        "",
    ] {
        let item = TokenStream::from_str(item).unwrap();
        assert!(agreed(&item).is_none(), "{item}");
    }
}

#[test]
fn what_is_plain_about_a_signature() {
    for output in [
        "",
        "-> i64",
        "-> Result<i64, E>",
        "-> std::result::Result<Vec<(i64, B)>, Box<a::Error<'static, [u8]>>>",
        "-> anyhow::Result<Option<i64>>",
        "-> Result",
        "-> CallToolResult",
        "-> ToolResult<i64>",
        "-> Json<Result<i64, E>>",
    ] {
        let item = format!(
            "#[a(b)] /// c\n pub(crate) async fn d<'a, T: B<C> + 'a, const N: usize>(&self, e: &'a T) {output} {{
                self.db.lease(async |conn| load(conn).await).await
            }}"
        );
        assert!(agreed(&TokenStream::from_str(&item).unwrap()).is_some(), "{item}");
    }
}

/// Every name that a rule knows, wherever a name can stand.
#[test]
fn every_name_of_the_rules() {
    let mut names = Names::default();
    for file in ["blocking.rs", "doors.rs", "hidden.rs", "model.rs"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
        names.visit_file(&syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap());
    }
    assert!(names.0.len() > 100, "{} names", names.0.len());
    for name in names.0 {
        for body in [
            format!("a.{name}(); Ok(1)"),
            format!("a.{name}(b); Ok(1)"),
            format!("a.{name}(b).await?; Ok(1)"),
            format!("{name}(b); Ok(1)"),
            format!("{name}(b).await?; Ok(1)"),
            format!("a::{name}(b); Ok(1)"),
            format!("a::{name}::b(c); Ok(1)"),
            format!("std::{name}::TcpStream::b(c); Ok(1)"),
            format!("{name}::connect(c); Ok(1)"),
            format!("a::{name}::sleep(b); Ok(1)"),
            format!("Command::new(a).{name}(); Ok(1)"),
            format!("{name}!(a); Ok(1)"),
            format!("{name} {{ a }}; Ok(1)"),
            format!("let {name} = a; Ok({name}.b)"),
        ] {
            agreed(&leased(&body));
            agreed(&handler(&format!("db.lease(async |conn| load(conn).await).await?; {body}")));
        }
        let parameter = format!("async fn h(a: &{name}<Sqlite>) -> Result<i64, E> {{ Ok(1) }}");
        agreed(&TokenStream::from_str(&parameter).unwrap());
    }
}

/// The texts that are names.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl<'ast> Visit<'ast> for Names {
    fn visit_lit_str(&mut self, text: &'ast LitStr) {
        self.0.extend(text.parse::<Ident>().ok().map(|name| name.to_string()));
    }

    // `matches!` and `assert!` hold some of them.
    fn visit_macro(&mut self, mac: &'ast Macro) {
        fn within(tokens: TokenStream, names: &mut Names) {
            for token in tokens {
                match token {
                    TokenTree::Group(group) => within(group.stream(), names),
                    token => {
                        if let Ok(text) = syn::parse2(token.into()) {
                            names.visit_lit_str(&text);
                        }
                    }
                }
            }
        }
        within(mac.tokens.clone(), self);
    }
}

/// Every handler of this workspace, those that are refused among them.
#[test]
fn every_handler_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut handlers = Handlers { seen: 0, plain: 0 };
    for folder in ["bench/templates", "macros/src/tests", "runtime/examples", "tests", "ui-tests"] {
        for path in sources(&root.join(folder)) {
            if let Ok(file) = syn::parse_file(&fs::read_to_string(path).unwrap()) {
                handlers.visit_file(&file);
            }
        }
    }
    assert!(handlers.seen > 300, "{} handlers", handlers.seen);
    assert!(handlers.plain > 100, "{} plain of {}", handlers.plain, handlers.seen);
}

struct Handlers {
    seen: usize,
    plain: usize,
}

impl Handlers {
    fn see(&mut self, attrs: &[Attribute], item: impl ToTokens) {
        // Whether they are handlers or not: what is plain is the same for both.
        let attrs = attrs.iter().filter(|attr| !attr.path().is_ident("handler"));
        let attrs = attrs.map(ToTokens::to_token_stream);
        self.seen += 1;
        self.plain += usize::from(agreed(&quote!(#(#attrs)* #item)).is_some());
    }
}

impl<'ast> Visit<'ast> for Handlers {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.see(&item.attrs, ItemFn { attrs: Vec::new(), ..item.clone() });
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.see(&item.attrs, ImplItemFn { attrs: Vec::new(), ..item.clone() });
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        self.see(&item.attrs, TraitItemFn { attrs: Vec::new(), ..item.clone() });
        visit::visit_trait_item_fn(self, item);
    }
}
