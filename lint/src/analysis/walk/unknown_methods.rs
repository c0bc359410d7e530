//! Method calls on types that are not known: judged by their names and arguments.

use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use super::adapters::reads_rows;
use crate::analysis::awaits;
use crate::analysis::flow::Holder;
use crate::analysis::names::source_words;
use crate::analysis::value::{Future, Origin, Value, direct, hands_over, works_of};
use crate::analysis::words::{common, hands_on_by_name};
use crate::analysis::wrappers::{locked_type, ok_type, unwrapped, wrapped};
use crate::findings::Waits;
use crate::index::{Def, FnId, FnOwner, Index};
use crate::libraries::{self, LibType, Library, Role};
use crate::syntax::visit::each_in_block;
use crate::syntax::{Expr, Kind, Span, Ty};
use crate::types::{Hold, Type};

impl Walker<'_> {
    #[expect(clippy::too_many_arguments, reason = "the parts of a method call")]
    pub(super) fn unknown_method(
        &mut self,
        expr: &Expr,
        receiver: Value,
        receiver_expr: &Expr,
        name: Ustr,
        name_span: Span,
        turbofish: &[Ty],
        args: &[Expr],
    ) -> Value {
        if let Some(value) = self.task_local(&receiver, name, args, expr.span) {
            return value;
        }
        if let Some(value) = self.adapter(&receiver, receiver_expr, name, args, expr.span) {
            return value;
        }
        if libraries::ends(&name) && args.is_empty() && !receiver.guards.is_empty() {
            self.take_out(&receiver);
            let works = Vec::new();
            return Value { ty: Type::Unit, future: Future::Ends, works, ..receiver };
        }
        if name == "start" && receiver.head.is_some_and(|head| head == "build_transaction") {
            let begun = LibType { role: Role::Transaction, library: Library::TokioPostgres };
            let mut value = receiver.borrowed();
            value.ty = wrapped("Result", &Type::Lib(begun));
            value.works = vec![direct(Waits::Connection, expr.span)];
            value.future = Future::Takes;
            return value;
        }
        if let Some(value) = self.locked(&receiver, name, expr.span) {
            return value;
        }
        if let Some(value) = self.received(&receiver, name, expr.span) {
            return value;
        }
        if let Some(value) = self.by_turbofish(&receiver, turbofish, args, expr.span) {
            return value;
        }
        let text = source_words(receiver_expr);
        let awaited = self.is_awaited();
        let unknown = matches!(unwrapped(&receiver.ty), Type::Unknown);
        let open = unknown || matches!(unwrapped(&receiver.ty), Type::Bounded(_));
        if receiver.guards.is_empty()
            && let Some(value) = self.guessed(&receiver, &text, name, args, expr.span)
        {
            return value;
        }
        let closure = args
            .iter()
            .any(|arg| matches!(&arg.kind, Kind::Closure { params, .. } if !params.is_empty()));
        let in_transaction = closure
            && (matches!(name.as_str(), "transaction" | "transaction_with_config" | "savepoint")
                || (name == "run"
                    && receiver.head.is_some_and(|head| head == "build_transaction"))
                || (name == "run" && !receiver.guards.is_empty()));
        if !in_transaction && let Some(found) = self.by_name(&receiver, name, args.len(), unknown) {
            let taken = self.as_receiver(&receiver, &found);
            let mut value = self.call_local(&found, Some(taken), args, expr.span);
            // `result.into_my_error("..")?` gives what the result was of.
            let generic = matches!(ok_type(&value.ty), Type::Unknown | Type::Bounded(_));
            if generic && self.types.hold(&receiver.ty).is_some() {
                value.ty = receiver.ty;
            }
            return value;
        }
        let gives_back = open && args.is_empty() && hands_on_by_name(&name);
        // `result.into_my_error("..")` of a derive that is not read.
        let is_result = matches!(
            unwrapped(&receiver.ty),
            Type::External { name, .. } if name.ends_with("Result")
        );
        if is_result && !name.starts_with("is_") && self.types.hold(&receiver.ty).is_some() {
            self.take_out(&receiver);
            self.take_args(args, &[], None, &mut Value::unknown());
            return receiver;
        }
        let mut value = match gives_back {
            true => {
                self.take_out(&receiver);
                receiver.clone()
            }
            false => receiver.clone().borrowed(),
        };
        value.ty = Type::Unknown;
        value.future = Future::No;
        value.begins_pool = false;
        value.failure = false;
        value.streams = reads_rows(&receiver)
            && matches!(name.as_str(), "chunks" | "try_chunks" | "ready_chunks");
        let guarded = in_transaction.then_some(Hold::TRANSACTION);
        let outer = self.may_block;
        self.may_block |= name == "interact";
        let parts = self.take_args(args, &[], guarded, &mut value);
        self.may_block = outer;
        // `next.run(request)` of a middleware waits for the rest of the service, with or without a connection in it.
        if matches!(unwrapped(&receiver.ty), Type::External { name, .. } if name == "Next") {
            value.guards.clear();
        }
        value.head = match name.as_str() {
            "build_transaction" => Some(name),
            _ if receiver.head.is_some_and(|head| head == "build_transaction") && name != "run" => {
                receiver.head
            }
            _ => Some(name),
        };
        if awaits::blocking_method(&receiver.ty, &name, &text) && !awaited {
            self.on_blocking(name_span, expr.span);
        }
        value.handed = hands_over(args, &parts);
        let collects =
            ["push", "push_back", "push_front", "insert", "or_insert", "get_or_insert", "extend"];
        if collects.contains(&name.as_str()) {
            self.collect(receiver_expr, &parts);
            value = value.borrowed();
        }
        let pool = parts.iter().any(|part| self.types.pool(&part.ty).is_some());
        if pool && matches!(name.as_str(), "fetch" | "fetch_many" | "stream") {
            return self.pool_stream(name, expr.span);
        }
        let mut kind = awaits::method(&receiver.ty, &name, args.len(), &text);
        if pool {
            kind = Waits::Connection;
        }
        let inner = works_of(&parts);
        value.works = match kind {
            Waits::Unknown if !inner.is_empty() => inner,
            Waits::Unknown if !receiver.works.is_empty() && receiver.future == Future::Plain => {
                receiver.works
            }
            _ => vec![direct(kind, expr.span)],
        };
        // `.lock().await`, `.read().await`
        let locks = matches!(
            name.as_str(),
            "lock" | "lock_owned" | "read" | "write" | "write_owned" | "borrow_mut"
        );
        if let Some(inner) = locked_type(&receiver.ty).filter(|_| locks) {
            value.ty = Type::Ref(Arc::new(inner));
        }
        value
    }

    /// `receiver.recv()` of a channel of connections: whoever receives one holds it.
    fn received(&self, receiver: &Value, name: Ustr, span: Span) -> Option<Value> {
        let item = match unwrapped(&receiver.ty) {
            Type::External { name, args } if name.ends_with("Receiver") => args.first()?,
            _ => return None,
        };
        let takes = matches!(name.as_str(), "recv" | "recv_async");
        self.types.hold(item).filter(|hold| takes && hold.owned && hold.certain)?;
        let mut value = Value::of(wrapped("Option", item));
        value.works = vec![direct(Waits::Channel, span)];
        value.future = Future::Takes;
        Some(value)
    }

    /// `mutex.lock()` around a client or a connection: whoever locks it holds it.
    pub(super) fn locked(&mut self, receiver: &Value, name: Ustr, span: Span) -> Option<Value> {
        if !matches!(name.as_str(), "lock" | "lock_owned" | "read" | "write" | "write_owned") {
            return None;
        }
        let inner = locked_type(&receiver.ty)?;
        let library = match ok_type(&inner) {
            Type::Lib(LibType { role: Role::Client | Role::RawConnection, library }) => library,
            _ => return None,
        };
        let taken = LibType { role: Role::Connection, library };
        let mut value = Value::of(Type::Lib(taken));
        value.works = vec![direct(Waits::Lock, span)];
        value.future = Future::Takes;
        Some(value)
    }

    /// `ctx.data::<Arc<Mutex<Transaction>>>()`: the type is written in the call.
    pub(super) fn by_turbofish(
        &mut self,
        receiver: &Value,
        turbofish: &[Ty],
        args: &[Expr],
        span: Span,
    ) -> Option<Value> {
        let [named] = turbofish else { return None };
        if !receiver.guards.is_empty() || !args.is_empty() {
            return None;
        }
        let ty = self.types.read(named, &self.scope);
        // In a result or not: what unwraps one leaves a pool as it is.
        if self.types.pool(&ty).is_some() {
            return Some(Value::of(ty));
        }
        let hold = self.types.hold(&ty)?;
        if !hold.certain {
            return None;
        }
        let mut value = Value::of(ty);
        let guard = self.guard(hold, Origin::Closure, span);
        self.flow.hold(guard, Holder::Temp);
        value.guards.push((guard, true));
        Some(value)
    }

    /// Recognises a pool by its name where its type is not known.
    pub(super) fn guessed(
        &mut self,
        receiver: &Value,
        text: &str,
        name: Ustr,
        args: &[Expr],
        span: Span,
    ) -> Option<Value> {
        let begins = name.starts_with("begin")
            && !matches!(unwrapped(&receiver.ty), Type::Lib(_))
            && self.declares.is_some_and(|variable| self.ends(variable));
        let foreign = match unwrapped(&receiver.ty) {
            Type::Unknown => true,
            Type::External { name, .. } => ["DbPool", "PgPool", "ConnectionPool", "PostgresPool"]
                .iter()
                .any(|word| name.contains(word)),
            _ => false,
        };
        if !begins && (!foreign || args.len() > 1) {
            return None;
        }
        let last = text.rsplit(['.', ':']).next().unwrap_or(text);
        let pool = last.to_ascii_lowercase().contains("pool");
        let database = pool || matches!(last, "db" | "database" | "pg" | "postgres" | "sqlite");
        let (role, library) = match name.as_str() {
            _ if begins => (Role::Transaction, Library::Sqlx),
            "begin" if database => (Role::Transaction, Library::Sqlx),
            "acquire" if pool => (Role::Connection, Library::Sqlx),
            "get" | "get_owned" if pool && args.is_empty() => (Role::Connection, Library::Deadpool),
            _ => return None,
        };
        if !begins && self.of_another_pool(name) {
            return None;
        }
        if last.to_ascii_lowercase().contains("thread") || last.to_ascii_lowercase().contains("sem")
        {
            return None;
        }
        self.take_args(args, &[], None, &mut Value::unknown());
        let mut value = Value::of(wrapped("Result", &Type::Lib(LibType { role, library })));
        value.works = vec![direct(Waits::Connection, span)];
        value.future = Future::Takes;
        value.begins_pool = role == Role::Transaction;
        value.head = Some(name);
        value.guessed = begins;
        Some(value)
    }

    /// Returns true if the function commits or rolls back what a variable has.
    fn ends(&self, variable: Ustr) -> bool {
        let mut found = false;
        let body = self.function.body.iter();
        body.for_each(|body| {
            each_in_block(body, &mut |inner| {
                if let Kind::Method { receiver, name, args, .. } = &inner.kind
                    && let Kind::Path(path) = &receiver.kind
                {
                    let ends = matches!(name.as_str(), "commit" | "rollback") && args.is_empty();
                    found |= ends && *path.names == [variable];
                }
            });
        });
        found
    }

    /// Returns true if a pool of the workspace has a method of that name, which gives no connection.
    fn of_another_pool(&self, name: Ustr) -> bool {
        let index = self.types.index;
        index.methods_named(self.scope.module, name).into_iter().any(|id| {
            let FnOwner::Impl(owner) = index.function(id).owner else { return false };
            let named = index.impl_info(owner).target.map(|ty| index.type_info(ty).item.name);
            named.is_some_and(|named| named.contains("Pool"))
                && self.types.hold(self.types.returned(id)).is_none()
        })
    }

    /// Finds a method by its name alone, where the receiver's type is not known.
    pub(super) fn by_name(
        &self,
        receiver: &Value,
        name: Ustr,
        args: usize,
        unknown: bool,
    ) -> Option<Vec<FnId>> {
        let index = self.types.index;
        let mut found = index.extensions(self.scope.module, name);
        found.retain(|id| index.function(*id).item.params.len() == args);
        if !found.is_empty() && !common(&name) {
            return Some(found);
        }
        if !unknown || !receiver.guards.is_empty() || common(&name) {
            return None;
        }
        let found = index.methods_named(self.scope.module, name);
        let fits = found.iter().all(|id| index.function(*id).item.params.len() == args);
        let own =
            found.iter().any(|id| std::ptr::eq(&raw const index.function(*id).item, self.function));
        let one = found.len() == 1 || !found.is_empty() && same_trait(index, &found);
        (fits && !own && one).then_some(found)
    }
}

fn same_trait(index: &Index, found: &[FnId]) -> bool {
    let of = |id: &FnId| match index.function(*id).owner {
        FnOwner::Trait(id) => Some(Some(id)),
        FnOwner::Impl(id) => {
            let path = index.impl_info(id).item.trait_path.as_ref()?;
            match index.resolve(index.impl_info(id).module, &path.names) {
                Some(Def::Trait(id)) => Some(Some(id)),
                _ => None,
            }
        }
        FnOwner::Free => None,
    };
    let first = of(&found[0]);
    first.is_some() && found.iter().all(|id| of(id) == first)
}
