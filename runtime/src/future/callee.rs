//! Database futures by the kind of call that makes them. All database futures are each of these; the attributes ask for the
//! one whose error says what to write instead.

/// A [`DbFuture`](crate::DbFuture), where a timer, a lock, a channel or a task is awaited.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this `.await`",
    label = "only database calls may be awaited while a lease is open",
    note = "this waits for something other than the database: await it before the lease or after it",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait NoWait {}

/// A [`DbFuture`](crate::DbFuture), where a function is called with the connection.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this `.await`",
    label = "only database calls may be awaited while a lease is open",
    note = "if you wrote this function, mark it `#[shortlease::leased]`: then its own awaits are checked",
    note = "if it is a trait's method, mark the trait and each `impl`; `#[shortlease::leased(boxed)]` replaces `#[async_trait]`",
    note = "if it is another crate's, lend it the connection: `conn.unchecked(\"reason\", async |raw| ..)`",
    note = "if the caller gives it, take it as `impl shortlease::LeasedFn<_, _>`, and write `body.call(tx)`",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait OnLease {}

/// A [`DbFuture`](crate::DbFuture), where a function is called with a session, or a session's own.
#[diagnostic::on_unimplemented(
    message = "a lease is opened inside a lease",
    label = "this has a session, and so it opens a lease of its own",
    note = "call it before the lease or after it",
    note = "or use the connection of this lease: `query.execute(conn)`. A function takes `&mut Conn<_>` for that, and is marked `#[shortlease::leased]`",
    note = "rule SL007: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl007"
)]
pub trait NoHandler {}

/// A [`DbFuture`](crate::DbFuture), where several futures are run at once.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this `.await`",
    label = "one connection runs one statement at a time",
    note = "await database calls one after the other: `for id in ids {{ load(conn, id).await?; }}`",
    note = "await anything else before the lease or after it",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait NoJoin {}

/// A [`DbFuture`](crate::DbFuture), where a verb runs what may be a statement of `sqlx`.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this `.await`",
    label = "only database calls may be awaited while a lease is open",
    note = "for a statement that is made elsewhere, turn the call around: `conn.fetch_one(query)`, or `self.conn.fetch_one(query)`",
    note = "or name the type of the connection: `let conn: &mut Conn<_> = &mut *self.conn;`",
    note = "for a macro that runs a statement, let it give the statement: `statement!(..).execute(conn)`",
    note = "for anything else, end the lease first, then await this",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait RunsOnLease {}

/// A [`DbFuture`](crate::DbFuture), where a closure is called.
#[diagnostic::on_unimplemented(
    message = "a database connection is held across this `.await`",
    label = "nothing checks what an async closure awaits",
    note = "make it a function, and mark that `#[shortlease::leased]`",
    note = "or write its code here, in the lease",
    note = "or let a closure give an async block: `|x| async move ..`",
    note = "rule SL001: https://docs.rs/shortlease/latest/shortlease/rules/index.html#sl001"
)]
pub trait CheckedBody {}
