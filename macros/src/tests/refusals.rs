//! Which code each mistake is refused under, and what is not refused: a row a shape.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::quote;
use syn::visit::{self, Visit};

use crate::args::Role;
use crate::function::expand;

/// The words before the colon of each error: codes, and for the attribute's own arguments the start
/// of the text.
fn refused(role: Role, args: &str, item: &str) -> Vec<String> {
    let tokens = |source: &str| source.parse::<TokenStream>().expect("it lexes");
    let expanded = expand(role, tokens(args), tokens(item));
    let file = syn::parse2(expanded).expect("an expansion parses");
    let mut errors = Refusals(Vec::new());
    errors.visit_file(&file);
    errors.0
}

struct Refusals(Vec<String>);

impl<'ast> Visit<'ast> for Refusals {
    fn visit_macro(&mut self, node: &'ast syn::Macro) {
        if node.path.segments.last().is_some_and(|last| last.ident == "compile_error") {
            let text: syn::LitStr = node.parse_body().expect("a text");
            self.0.push(text.value());
        }
        visit::visit_macro(self, node);
    }
}

/// A row: where the snippet stands, the snippet, and how the one error in it starts.
struct Row<'a>(fn(&str) -> (Role, String, String), &'a str, &'a str);

const NONE: &str = "";

fn check(rows: &[Row<'_>]) {
    let mut wrong = Vec::new();
    for Row(place, snippet, expected) in rows {
        let (role, args, item) = place(snippet);
        let errors = refused(role, &args, &item);
        let right = match errors.as_slice() {
            [] => *expected == NONE,
            [error] => *expected != NONE && error.starts_with(expected),
            _ => false,
        };
        if !right {
            wrong.push(format!("{snippet}\n  wanted {expected:?}, got {errors:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// In the body of a lease.
fn lease(snippet: &str) -> (Role, String, String) {
    around(&format!("db.lease(async |conn| {{ {snippet} }}).await"))
}

/// In the body of a transaction.
fn transaction(snippet: &str) -> (Role, String, String) {
    around(&format!("db.transaction(async |tx| {{ {snippet} }}).await"))
}

/// In a handler, outside of its leases.
fn around(snippet: &str) -> (Role, String, String) {
    item(&format!(
        "async fn h(db: &mut Session<Sqlite>, to: &mut Session<Sqlite>) -> Result<(), E> {{ {snippet} }}"
    ))
}

/// As a parameter of a handler.
fn parameter(snippet: &str) -> (Role, String, String) {
    item(&format!("async fn h(db: &mut Session<Sqlite>, {snippet}) {{}}"))
}

/// A whole item under `#[handler]`.
fn item(snippet: &str) -> (Role, String, String) {
    (Role::Handler, String::new(), snippet.into())
}

/// The body of a leased function.
fn leased(snippet: &str) -> (Role, String, String) {
    leased_item(&format!(
        "async fn l(conn: &mut Conn<Sqlite>, to: &mut Session<Sqlite>) -> Result<(), E> {{ {snippet} }}"
    ))
}

/// A whole item under `#[leased]`.
fn leased_item(snippet: &str) -> (Role, String, String) {
    (Role::Leased, String::new(), snippet.into())
}

/// A whole item under `#[leased(on = storage)]`.
fn on_storage(snippet: &str) -> (Role, String, String) {
    (Role::Leased, "on = storage".into(), snippet.into())
}

/// Arguments of `#[handler]` on a function that sleeps and sets in a lease, has a raw pool, and calls
/// a macro with an await in it.
fn arguments(snippet: &str) -> (Role, String, String) {
    let item = r#"async fn h(db: &mut Session<Sqlite>, pool: &SqlitePool) -> Result<(), E> {
        db.lease(async |conn| {
            std::thread::sleep(d);
            sqlx::query("SET x = 1").execute(&mut *conn).await?;
            sqlx::query("SET LOCAL x = 1").execute(&mut *conn).await?;
            Ok(wait_for!(conn.await))
        }).await
    }"#;
    (Role::Handler, snippet.into(), item.into())
}

/// Arguments of `#[handler]` on a function with nothing to refuse in it.
fn needless(snippet: &str) -> (Role, String, String) {
    let item = "async fn h(db: &mut Session<Sqlite>) { db.lease(async |conn| Ok(1)).await }";
    (Role::Handler, snippet.into(), item.into())
}

/// Arguments of `#[leased]` on a function with nothing to refuse in it.
fn leased_needless(snippet: &str) -> (Role, String, String) {
    (Role::Leased, snippet.into(), "async fn l(conn: &mut Conn<Sqlite>) {}".into())
}

/// In a handler, behind a future with a lease in it, and a stream of such futures.
fn beside(snippet: &str) -> (Role, String, String) {
    around(&format!(
        "let work = async {{ db.lease(async |conn| Ok(1)).await }};
        let mut work = pin!(work);
        let calls = stream::iter(ids).map(|id| async move {{ to.lease(async |conn| Ok(1)).await }});
        let mut calls = calls.buffered(4);
        {snippet}"
    ))
}

#[test]
fn sl002_left_half_done() {
    check(&[
        Row(beside, "while let Some(x) = calls.next().await { remote(x).await; }", "SL002"),
        Row(beside, "loop { match calls.try_next().await { _ => remote().await } }", "SL002"),
        Row(beside, "while let Ok(x) = timeout(d, calls.next()).await { x.await }", "SL002"),
        Row(
            beside,
            "let mut all = calls.boxed(); while let Some(x) = all.next().await { if x { y.await } }",
            "SL002",
        ),
        Row(
            beside,
            "async { while let Some(x) = calls.next().await { for y in x { y.await } } }.await",
            "SL002",
        ),
        Row(beside, "loop { select! { w = &mut work => w, _ = tick() => stop().await } }", "SL002"),
        Row(
            beside,
            "for _ in 0..9 { tokio::select! { x = calls.next() => x.await, else => break } }",
            "SL002",
        ),
        Row(
            around,
            "let mut all = FuturesUnordered::new();
            for id in ids { all.push(async move { to.lease(async |conn| Ok(1)).await }) }
            while let Some(x) = all.next().await { remote(x).await }",
            "SL002",
        ),
        Row(beside, "while let Some(x) = calls.next().await { keep(x) }", NONE),
        Row(beside, "while let Some(x) = calls.next().await { spawn(async { x.await }); }", NONE),
        Row(beside, "let all = calls.collect().await; for x in all { remote(x).await }", NONE),
        Row(beside, "calls.for_each(async |x| remote(x).await).await", NONE),
        Row(beside, "loop { select! { w = &mut work => break, _ = tick() => {} } }", NONE),
        Row(beside, "select! { w = work => w, _ = tick() => stop().await }", NONE),
        Row(
            around,
            "let mut task = tokio::spawn(async move { to.lease(async |conn| Ok(1)).await });
            loop { select! { t = &mut task => t, _ = tick() => stop().await } }",
            NONE,
        ),
        Row(
            around,
            "let mut all = FuturesUnordered::new();
            all.push(spawn(async move { to.lease(async |conn| Ok(1)).await }));
            while let Some(x) = all.next().await { remote(x).await }",
            NONE,
        ),
        Row(
            beside,
            "let calls = others(); while let Some(x) = calls.next().await { remote(x).await }",
            NONE,
        ),
        Row(
            around,
            "let mut all = stream::iter(ids).map(|id| async move { remote(id).await }).buffered(4);
            while let Some(x) = all.next().await { db.lease(async |conn| Ok(x)).await?; }",
            NONE,
        ),
    ]);
}

#[test]
fn sl002_not_awaited_on_the_spot() {
    check(&[
        Row(around, "let l = db.lease(async |conn| Ok(1)); l.await", "SL002"),
        Row(around, "db.transaction(async |tx| Ok(1))", "SL002"),
        Row(around, "return db.lease(async |conn| Ok(1))", "SL002"),
        Row(around, "timeout(d, db.lease(async |conn| Ok(1))).await", "SL002"),
        Row(around, "Box::pin(db.lease(async |conn| Ok(1))).await", "SL002"),
        Row(around, "db.lease(async |conn| Ok(1)).boxed().await", "SL002"),
        Row(around, "spawn(async move { db.lease(async |conn| Ok(1)) })", "SL002"),
        Row(around, "(db.lease(async |conn| Ok(1)), remote())", "SL002"),
        Row(transaction, "let s = tx.savepoint(async |sp| Ok(1)); s.await", "SL002"),
        Row(around, "db.lease(async |conn| Ok(1)).await", NONE),
        Row(around, "(db.lease((async |conn| Ok(1)))).await", NONE),
        Row(around, "self.db().session().lease(async |conn| Ok(1)).await", NONE),
        Row(transaction, "tx.savepoint(async |sp| Ok(1)).await", NONE),
        Row(around, "car.lease(12)", NONE),
        Row(around, "car.lease(|terms| terms.sign())", NONE),
    ]);
}

#[test]
fn sl003_awaits_in_macros() {
    check(&[
        Row(lease, "Ok(twice!(remote().await))", "SL003"),
        Row(lease, "twice! { remote().await }", "SL003"),
        Row(lease, "my::wait!(if x { y.await });", "SL003"),
        Row(lease, "matches!(x, Some(_) if y.await)", NONE),
        Row(lease, "tokio::join!(a, b)", "SL003"),
        Row(lease, "futures::try_join!(a, b)?;", "SL003"),
        Row(lease, "tokio::select! { x = a => x }", "SL003"),
        Row(lease, "select_biased! { x = a => x }", "SL003"),
        Row(leased, "twice!(remote().await)", "SL003"),
        Row(lease, "builtin # wait(remote().await)", NONE),
        Row(lease, "defer!(done());", NONE),
        Row(leased, "scopeguard::defer_on_unwind! { done() }", NONE),
        Row(lease, "#[instrument] fn helper() {}", "SL003"),
        Row(leased, "#[cfg_attr(test, mocked)] mod helper {}", "SL003"),
        Row(lease, "if x { #[test] fn helper() {} }", "SL003"),
        Row(lease, "async { #[clippy::skip] use a::b; }.await", "SL003"),
        Row(lease, "assert!(ok, \"{}\", text(conn).await)", NONE),
        Row(lease, "dbg!(text(conn).await)", "SL003"),
        Row(lease, "debug_assert_eq!(a, b, \"{}\", text?)", NONE),
        Row(lease, "ensure!(ok, Refused::of(text(conn).await))", "SL003"),
        Row(lease, "assert!(is(conn).await?, \"{}\", text)", NONE),
        Row(lease, "assert_eq!(a?, b(conn).await, \"{}\", text)", NONE),
        // What it awaits is its own, or no database future.
        Row(lease, "conn.unchecked(\"why\", async |raw| tokio::join!(a(raw), b())).await", NONE),
        Row(lease, "twice!(remote())", NONE),
        Row(lease, "println!(\"{}\", remote().await)", NONE),
        Row(lease, "json!({ \"a\": [remote().await] })", "SL003"),
        Row(lease, "bail!(\"{}\", remote().await)", "SL003"),
        Row(lease, "tokio::pin!(future);", NONE),
        Row(around, "tokio::join!(a, b)", NONE),
        Row(around, "defer!(done());", NONE),
        Row(around, "#[instrument] fn helper() {}", NONE),
        Row(lease, "#[derive(Clone)] #[allow(dead_code)] struct S; #[inline] fn f() {}", NONE),
        Row(
            lease,
            "#[cfg_attr(all(), allow(dead_code), doc = \"..\")] /// text\n const A: u8 = 1;",
            NONE,
        ),
        Row(lease, "mod m { #[instrument] fn helper() {} }", NONE),
        Row(around, "twice!(remote().await)", NONE),
    ]);
}

#[test]
fn sl004_blocking_calls() {
    check(&[
        Row(lease, "std::thread::sleep(d)", "SL004"),
        Row(lease, "thread::park()", "SL004"),
        Row(lease, "sleep(d)", "SL004"),
        Row(lease, "runtime.block_on(remote())", "SL004"),
        Row(lease, "futures::executor::block_on(remote())", "SL004"),
        Row(lease, "tokio::task::block_in_place(|| 1)", "SL004"),
        Row(lease, "reqwest::blocking::get(url)", "SL004"),
        Row(lease, "reqwest::blocking::Client::new()", "SL004"),
        Row(lease, "ureq::get(url)", "SL004"),
        Row(lease, "std::net::TcpStream::connect(a)", "SL004"),
        Row(lease, "std::net::IpAddr::from([127, 0, 0, 1])", NONE),
        Row(lease, "TcpStream::connect(a)", "SL004"),
        Row(lease, "UdpSocket::bind(a)", "SL004"),
        Row(lease, "Command::new(\"git\").arg(\"fetch\").output()", "SL004"),
        Row(lease, "Command::new(\"git\").spawn()?.wait()", "SL004"),
        Row(lease, "thread.join()", "SL004"),
        Row(lease, "receiver.blocking_recv()", "SL004"),
        Row(lease, "lock.blocking_lock()", "SL004"),
        Row(transaction, "if x { for y in z { thread::sleep(d) } }", "SL004"),
        Row(leased, "std::thread::sleep(d)", "SL004"),
        // An await is for the types to judge.
        Row(lease, "tokio::time::sleep(d).await", NONE),
        Row(lease, "TcpStream::connect(a).await", NONE),
        Row(lease, "tokio::process::Command::new(\"git\").output().await", NONE),
        Row(lease, "path.join(\"a\")", NONE),
        Row(lease, "response.status()", NONE),
        Row(lease, "tokio::process::Command::new(\"git\").spawn()?", NONE),
        Row(lease, "tokio::task::spawn_blocking(move || std::thread::sleep(d))", NONE),
        Row(lease, "std::thread::spawn(|| reqwest::blocking::get(url))", NONE),
        Row(around, "std::thread::sleep(d)", NONE),
    ]);
}

#[test]
fn sl005_session_state() {
    check(&[
        Row(lease, "sqlx::query(\"SET x = 1\").execute(conn).await", "SL005"),
        Row(lease, "query_as::<_, T>(\"SET x = 1\").fetch_one(conn).await", "SL005"),
        Row(lease, "query_scalar(r#\"SET x = 1\"#).fetch_one(conn).await", "SL005"),
        Row(lease, "sqlx::raw_sql(\"SELECT 1; LISTEN a\").execute(conn).await", "SL005"),
        Row(lease, "sqlx::query!(\"BEGIN\").execute(conn).await", "SL005"),
        Row(lease, "sqlx::query(concat(\"LISTEN a\")).execute(conn).await", "SL005"),
        Row(lease, "QueryBuilder::new(\"SET x = \").push_bind(1).build()", "SL005"),
        Row(lease, "sqlx::query!(\"SET x = $1\", x).execute(conn).await", "SL005"),
        Row(lease, "query_as!(Pair<[u8; 2], B>, r\"SET x = 1\").fetch_one(conn).await", "SL005"),
        Row(lease, "query_scalar_unchecked!(\"SET x = 1\").fetch_one(conn).await", "SL005"),
        Row(lease, "sqlx::query_with(\"SET x = 1\", bound).execute(conn).await", "SL005"),
        Row(leased, "sqlx::query(\"COMMIT\").execute(conn).await", "SL005"),
        Row(around, "db.execute(sqlx::query(\"SET x = 1\")).await", "SL005"),
        Row(around, "db.execute(sqlx::query(\"SET x = $1\").bind(1)).await", "SL005"),
        Row(around, "db.fetch_one(sqlx::query!(\"SET x = 1\")).await", "SL005"),
        Row(transaction, "sqlx::query(\"SET LOCAL x = 1\").execute(tx).await", NONE),
        Row(transaction, "sqlx::query(\"SELECT 1\").bind(\"SET x = 1\").execute(tx).await", NONE),
        Row(around, "db.fetch_one(sqlx::query(\"SELECT last_insert_rowid()\")).await", "SL005"),
        Row(lease, "sqlx::query(\"SELECT last_insert_rowid()\").fetch_one(conn).await", NONE),
        Row(lease, "conn.execute(\"SET x = 1\").await", "SL005"),
        Row(lease, "conn.execute((\"SET x = 1\")).await", "SL005"),
        Row(lease, "conn.execute(AssertSqlSafe(format!(\"SET {x} = 1\"))).await", "SL005"),
        Row(lease, "\"SET x = 1\".execute(conn).await", "SL005"),
        Row(lease, "sqlx::AssertSqlSafe(\"SET x = 1\").execute(conn).await", "SL005"),
        Row(lease, "(sqlx::query(\"SET x = 1\")).execute(conn).await", "SL005"),
        Row(around, "db.execute(sqlx::AssertSqlSafe(\"SET x = 1\")).await", "SL005"),
        Row(lease, "conn.execute(query.bind(\"SET x = 1\")).await", NONE),
        Row(lease, "update.push(\" SET a = \")", NONE),
        Row(lease, "steps.push(\"begin\")", NONE),
        Row(lease, "query_terms(\"set\")", NONE),
        Row(lease, "query_params!(\"begin\")", NONE),
        Row(lease, "sqlx::query_file!(\"set/rate.sql\").execute(conn).await", NONE),
        Row(lease, "sqlx::query!(\"SELECT $1\", \"begin\").fetch_one(conn).await", NONE),
        Row(lease, "query_as!(Pair<A, B>, \"SELECT $1\", \"begin\").fetch_one(conn).await", NONE),
        Row(lease, "sqlx::query_with(\"SELECT $1\", bound(\"begin\")).execute(conn).await", NONE),
        Row(lease, "info!(\"begin\")", NONE),
        Row(around, "agent.execute(\"load\").await", NONE),
        // On a connection that is not leased: whoever has one answers for it.
        Row(around, "sqlx::query(\"LISTEN a\").execute(own).await", NONE),
    ]);
}

#[test]
fn sl011_transaction_state() {
    check(&[
        Row(lease, "sqlx::query(\"SET LOCAL x = 1\").execute(conn).await", "SL011"),
        Row(lease, "sqlx::query(\"SELECT pg_advisory_xact_lock(1)\").execute(conn).await", "SL011"),
        Row(lease, "query_as!(J, \"SELECT id FROM j FOR UPDATE\").fetch_one(conn).await", "SL011"),
        Row(lease, "QueryBuilder::new(\"DECLARE c CURSOR FOR \").push(x).build()", "SL011"),
        Row(leased, "sqlx::query(\"SET LOCAL x = 1\").execute(conn).await", "SL011"),
        Row(around, "db.execute(sqlx::query(\"SET LOCAL x = 1\")).await", "SL011"),
        Row(around, "db.fetch_one(query!(\"SELECT id FROM j FOR SHARE\")).await", "SL011"),
        // After a transaction, too.
        Row(
            around,
            "db.transaction(async |tx| Ok(1)).await?; db.lease(async |conn| query(\"SET LOCAL x = 1\")).await",
            "SL011",
        ),
        Row(lease, "sqlx::query(\"SET x = 1; SET LOCAL y = 1\").execute(conn).await", "SL005"),
        Row(transaction, "sqlx::query(\"SET LOCAL x = 1\").execute(tx).await", NONE),
        Row(transaction, "tx.savepoint(async |sp| query(\"SELECT 1 FOR SHARE\")).await", NONE),
        Row(
            leased_item,
            "async fn l(tx: &mut shortlease::Tx<Sqlite>) { query(\"SET LOCAL x = 1\").execute(tx).await }",
            NONE,
        ),
        Row(
            lease,
            "query(\"UPDATE j SET a = 1 WHERE id = (SELECT id FROM j FOR UPDATE)\").execute(conn).await",
            NONE,
        ),
        Row(around, "sqlx::query(\"SET LOCAL x = 1\").execute(own).await", NONE),
    ]);
}

#[test]
fn sl006_raw_doors() {
    check(&[
        Row(parameter, "pool: SqlitePool", "SL006"),
        Row(parameter, "pool: &sqlx::Pool<Sqlite>", "SL006"),
        Row(parameter, "State(pool): State<PgPool>", "SL006"),
        Row(parameter, "State(app): State<(Db<Sqlite>, Arc<Pool<Sqlite>>)>", "SL006"),
        Row(parameter, "conn: &mut SqliteConnection", "SL006"),
        Row(parameter, "conn: PoolConnection<Sqlite>", "SL006"),
        Row(parameter, "tx: &mut sqlx::Transaction<'_, Sqlite>", "SL006"),
        Row(parameter, "listener: &mut PgListener", "SL006"),
        Row(parameter, "db: impl Executor<'_, Database = Sqlite>", "SL006"),
        Row(parameter, "db: impl Acquire<'_>", "SL006"),
        Row(around, "self.pool.acquire().await", "SL006"),
        Row(around, "self.pool.try_acquire()", "SL006"),
        Row(around, "self.pool.begin().await", "SL006"),
        Row(around, "self.pool.try_begin().await", "SL006"),
        Row(around, "self.pool.begin_with(\"BEGIN IMMEDIATE\").await", "SL006"),
        Row(lease, "self.pool.acquire()", "SL006"),
        Row(around, "tokio::join!(self.pool.acquire(), remote())", "SL006"),
        Row(parameter, "db: impl SqliteExecutor<'_>", "SL006"),
        Row(item, "async fn h<'e, E: Executor<'e, Database = Sqlite>>(db: E) {}", "SL006"),
        Row(item, "async fn h<'e, E>(db: E) where E: PgExecutor<'e> {}", "SL006"),
        Row(around, "SqlitePool::acquire(&self.pool).await", "SL006"),
        Row(around, "sqlx::Pool::<Sqlite>::begin(&self.pool).await", "SL006"),
        Row(around, "dbg!(self.pool.begin_with(\"BEGIN IMMEDIATE\").await)", "SL006"),
        Row(item, "async fn h<P: Pool, E: Executor>(db: E) {}", NONE),
        Row(around, "Semaphore::acquire(&self.limit).await", NONE),
        Row(parameter, "payment: Json<Transaction>", NONE),
        Row(parameter, "threads: &Pool", NONE),
        Row(parameter, "db: Db<Sqlite>", NONE),
        Row(around, "limit.acquire_many(3).await", NONE),
        Row(around, "animation.begin(3)", NONE),
    ]);
}

#[test]
fn sl007_a_lease_inside_of_a_lease() {
    check(&[
        Row(lease, "to.lease(async |conn| Ok(1)).await", "SL007"),
        Row(lease, "to.transaction(async |tx| Ok(1)).await", "SL007"),
        Row(transaction, "if x { self.db.session().lease(async |conn| Ok(1)).await }", "SL007"),
        Row(lease, "let other = to.lease(async |conn| Ok(1));", "SL007"),
        Row(leased, "to.lease(async |conn| Ok(1)).await", "SL007"),
        Row(transaction, "tx.savepoint(async |sp| Ok(1)).await", NONE),
        Row(lease, "car.lease(12)", NONE),
        Row(
            around,
            "db.lease(async |conn| Ok(1)).await?; to.lease(async |conn| Ok(1)).await",
            NONE,
        ),
    ]);
}

#[test]
fn sl009_where_it_does_not_fit() {
    check(&[
        Row(item, "fn h(db: &mut Session<Sqlite>) {}", "SL009"),
        Row(item, "struct H;", "SL009"),
        Row(item, "enum H {}", "SL009"),
        Row(item, "mod h;", "SL009"),
        Row(item, "use a::b;", "SL009"),
        Row(item, "async fn h(&self, db: &mut Session<Sqlite>);", "SL009"),
        Row(leased_item, "fn l(conn: &mut Conn<Sqlite>) {}", "SL009"),
        Row(leased_item, "async fn l(db: &mut Session<Sqlite>) {}", "SL009"),
        Row(leased_item, "async fn l(conn: &Conn<Sqlite>) {}", "SL009"),
        Row(leased_item, "struct L;", "SL009"),
        Row(item, "fn h() -> Pin<Box<dyn Future>> { Box::pin(async move { 1 }) }", NONE),
        Row(item, "impl S { fn plain(&self) {} async fn h(&self) {} }", NONE),
        Row(
            item,
            "impl T for S { fn h() -> Pin<Box<dyn Future>> { Box::pin(async move { 1 }) } }",
            NONE,
        ),
        Row(item, "trait T { async fn h(&self); }", NONE),
        Row(item, "mod m { fn plain() {} }", "SL009"),
        Row(item, "mod m { fn plain() {} async fn h() {} }", NONE),
        Row(leased_item, "async fn l(&self, conn: &mut shortlease::Tx<Sqlite>);", NONE),
        Row(leased_item, "impl S { fn plain(&self) {} async fn other(&self) {} }", "SL009"),
        Row(leased_item, "trait T { async fn other(&self); }", "SL009"),
        Row(leased_item, "mod m { async fn other(db: &mut Session<Sqlite>) {} }", "SL009"),
        Row(leased_item, "impl T for S { #[leased] async fn other(&mut self) {} }", "SL009"),
        Row(leased_item, "async fn l(conn: &mut Conn<Sqlite>) -> ! { loop {} }", "SL009"),
        Row(
            leased_item,
            "#[async_trait] impl T for S { async fn l(conn: &mut Conn<Sqlite>) {} }",
            "SL009",
        ),
        Row(
            leased_item,
            "#[async_trait::async_trait] trait T { async fn l(conn: &mut Conn<Sqlite>); }",
            "SL009",
        ),
        Row(
            leased_item,
            "impl T for S { fn l(conn: &mut Conn<Sqlite>) -> P { Box::pin(async move { 1 }) } }",
            "SL009",
        ),
        Row(
            leased_item,
            "fn l(conn: &mut Conn<Sqlite>) -> P { Box::pin(async move { 1 }) }",
            "SL009",
        ),
        Row(item, "impl S { fn plain(&self) {} }", "SL009"),
        Row(item, "trait T { fn plain(&self); }", "SL009"),
        Row(on_storage, "async fn l(to: &mut Storage<'_>) {}", "SL009"),
        Row(on_storage, "impl S { async fn l(&self) {} }", "SL009"),
        Row(on_storage, "async fn l(storage: &mut Storage<'_>) {}", NONE),
        Row(on_storage, "async fn l(storage: Option<&mut Tx<Sqlite>>) {}", NONE),
        Row(
            on_storage,
            "impl S { async fn l(storage: &mut dyn Repo) {} async fn m(&self) {} }",
            NONE,
        ),
    ]);
}

#[test]
fn escapes() {
    const ALL: &str = "allow(SL004 = \"why\", SL005 = \"why\", SL006 = \"why\", SL011 = \"why\"), trust(wait_for)";
    check(&[
        Row(arguments, ALL, NONE),
        Row(needless, "trust(wait_for)", "SL003: unused `trust`"),
        Row(needless, "allow(SL004 = \"why\")", "SL004: unused `allow`"),
        Row(needless, "allow(SL005 = \"why\")", "SL005: unused `allow`"),
        Row(needless, "allow(SL006 = \"why\")", "SL006: unused `allow`"),
        Row(needless, "allow(SL011 = \"why\")", "SL011: unused `allow`"),
        Row(arguments, "allow(SL004)", "`SL004` is allowed without a reason"),
        Row(arguments, "allow(SL005 = \"  \")", "`SL005` is allowed without a reason"),
        Row(arguments, "allow(SL006 = true)", "`SL006` is allowed without a reason"),
        Row(needless, "allow(SL001 = \"why\")", "`SL001` cannot be allowed"),
        Row(needless, "allow(SL002 = \"why\")", "`SL002` cannot be allowed"),
        Row(needless, "allow(SL003 = \"why\")", "`SL003` cannot be allowed"),
        Row(needless, "allow(SL007 = \"why\")", "`SL007` cannot be allowed"),
        Row(needless, "allow(SL04 = \"why\")", "`SL04` cannot be allowed"),
        Row(needless, "timeout = 5", "`timeout` is not an argument"),
        Row(needless, "boxed", "`boxed` is an argument of `#[leased]` only"),
        Row(leased_needless, "error = E", "`error` is an argument of `#[handler]` only"),
        Row(leased_needless, "unchecked", "`unchecked` is not an argument"),
        Row(leased_needless, "boxed, crate = a::b", NONE),
        Row(needless, "on = db", "`on` is an argument of `#[leased]` only"),
        Row(leased_needless, "on = tx", "SL009"),
        Row(leased_needless, "on = conn", NONE),
        Row(needless, "error = E, crate = a::b", NONE),
    ]);
}

/// All mistakes of one item come in one go, each once.
#[test]
fn several_at_once() {
    let (role, args, item) = arguments("");
    let mut errors = refused(role, &args, &item);
    errors.iter_mut().for_each(|error| error.truncate(5));
    errors.sort();
    assert_eq!(errors, ["SL003", "SL004", "SL005", "SL006", "SL011"]);
}

#[test]
fn errors_are_written_by_the_path_to_shortlease() {
    let item: TokenStream = "async fn f() { db.lease(async |c| Ok(())) }".parse().unwrap();
    for (args, path) in [
        ("", ":: shortlease :: __private :: compile_error !"),
        ("crate = ::lease", ":: lease :: __private :: compile_error !"),
        ("unknown, crate = ::lease", ":: lease :: __private :: compile_error !"),
        ("allow(SL001), crate = a::b", "a :: b :: __private :: compile_error !"),
        ("crate = , unknown", ":: shortlease :: __private :: compile_error !"),
    ] {
        let expanded = expand(Role::Handler, args.parse().unwrap(), item.clone()).to_string();
        assert_eq!(expanded.matches(path).count(), 1, "{args}: {expanded}");
        assert_eq!(expanded.matches("compile_error").count(), 1, "{args}: {expanded}");
    }
}

/// `#[leased]` comes out once more, below `#[instrument]`.
#[test]
fn a_mistake_in_an_argument_is_not_handed_on() {
    let item: TokenStream = "#[instrument] async fn f(c: &mut Conn<Sqlite>) {}".parse().unwrap();
    let expanded =
        |args: &str| expand(Role::Leased, args.parse().unwrap(), item.clone()).to_string();
    assert!(expanded("boxed").contains(":: leased (boxed)"), "{}", expanded("boxed"));
    assert!(expanded("unknown").contains(":: leased ()"), "{}", expanded("unknown"));
}

/// Code that is no Rust of today. A probe before it could stand before another statement than rustc's.
#[test]
fn a_place_in_a_statement_of_unknown_form_is_refused() {
    let definition: TokenStream = "macro_rules! m { () => {} }".parse().unwrap();
    let definition = Group::new(Delimiter::None, definition);
    let code = |text: &str| text.parse::<TokenStream>().unwrap();
    let plus = code("a +");
    let behind = code("+ &mut m!(x);");
    for statement in [
        code("gen { 1 } let n = m!(x).len();"),
        code("gen { 1 } other(&mut m!(x));"),
        code("gen { 1 } return &mut m!(x);"),
        code("loop unknown { } &mut m!(x);"),
        code("a + macro_rules! m { } + &mut m!(x);"),
        quote!(#plus #definition #behind),
    ] {
        let item = quote!(async fn f(conn: &mut Conn<Sqlite>) { #statement });
        let expanded = expand(Role::Leased, TokenStream::new(), item).to_string();
        assert!(expanded.contains("names or conditions of its own"), "{statement}: {expanded}");
    }
}

/// Outside of a handler it is an expression, of which rustc says more if anything stands behind the error.
#[test]
fn a_closure_outside_of_a_handler_is_one_error() {
    for closure in ["async |tx: &mut Tx<_>| load(tx).await", "async move |tx| { load(tx).await }"] {
        let expanded = expand(Role::Leased, TokenStream::new(), closure.parse().unwrap());
        let Ok(syn::Expr::Macro(error)) = syn::parse2(expanded) else { panic!("{closure}") };
        assert!(error.mac.tokens.to_string().contains("SL010: this closure is outside"));
    }
}
