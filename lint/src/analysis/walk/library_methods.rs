//! Methods of pools, guards and streams of the six libraries.

use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use super::adapters::{finishes_rows, only_makes};
use crate::analysis::flow::Holder;
use crate::analysis::value::{Future, GuardId, Origin, Value, direct};
use crate::analysis::wrappers::wrapped;
use crate::findings::{GuardKind, Waits};
use crate::libraries::{self, LibType, Library, Returns, Role};
use crate::syntax::{Expr, Kind, Span};
use crate::types::{Hold, Type};

impl Walker<'_> {
    pub(super) fn pool_method(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        pool: LibType,
        name: Ustr,
        args: &[Expr],
    ) -> Value {
        let extensions = self.types.index.extensions(self.scope.module, name);
        let guarded = matches!(name.as_str(), "transaction" | "transaction_with_config");
        let Some(returns) = libraries::pool_method(pool.library, &name) else {
            if !extensions.is_empty() && !guarded {
                let receiver = receiver.clone().borrowed();
                return self.call_local(&extensions, Some(receiver), args, expr.span);
            }
            let mut value = Value::unknown();
            let hold = guarded.then_some(Hold { library: Some(pool.library), ..Hold::TRANSACTION });
            self.take_args(args, &[], hold, &mut value);
            value.works = vec![direct(Waits::Connection, expr.span)];
            value.future = Future::Plain;
            value.head = Some(name);
            return value;
        };
        let mut value = Value::unknown();
        self.take_args(args, &[], None, &mut value);
        value.guards.clear();
        value.head = Some(name);
        match returns {
            Returns::Guard(found) if name == "try_acquire" => {
                value.ty = wrapped("Option", &Type::Lib(found));
                if let Some(hold) = self.types.hold(&value.ty) {
                    let guard = self.guard(hold, Origin::Acquired, expr.span);
                    self.flow.hold(guard, Holder::Temp);
                    value.guards.push((guard, true));
                }
            }
            Returns::Guard(found) => {
                value.ty = wrapped("Result", &Type::Lib(found));
                value.works = vec![direct(Waits::Connection, expr.span)];
                value.future = Future::Takes;
                value.begins_pool = found.role == Role::Transaction;
            }
            Returns::Stream => {
                value.ty = Type::PoolStream;
                value.works = vec![direct(Waits::Connection, expr.span)];
                value.future = Future::Takes;
            }
            Returns::Receiver => return receiver.clone(),
            Returns::Detached => {
                value.works = vec![direct(Waits::Connection, expr.span)];
            }
            Returns::Plain => {
                value.ty = Type::Unit;
                value.works = vec![direct(Waits::Unknown, expr.span)];
            }
        }
        value
    }

    pub(super) fn guard_method(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        guard: LibType,
        name: Ustr,
        args: &[Expr],
    ) -> Value {
        let closes = name == "close" && guard.role == Role::Connection;
        if (libraries::ends(&name) || closes) && args.is_empty() {
            self.take_out(receiver);
            let mut value = receiver.clone();
            value.parts.clear();
            value.ty = Type::Unit;
            value.future = Future::Ends;
            value.works.clear();
            value.head = Some(name);
            if matches!(name.as_str(), "detach" | "leak") {
                self.end_owned(&value);
                value.guards.clear();
                value.future = Future::No;
                value.ty = Type::Unknown;
            }
            return value;
        }
        let closure = args.iter().any(|arg| matches!(arg.kind, Kind::Closure { .. }));
        let own =
            libraries::guard_method(guard, &name).is_some() || libraries::runs_statement(&name);
        let extension = self.types.index.extensions(self.scope.module, name);
        if !extension.is_empty() && !own {
            let receiver = receiver.clone().borrowed();
            return self.call_local(&extension, Some(receiver), args, expr.span);
        }
        let in_transaction = closure
            && matches!(
                name.as_str(),
                "transaction"
                    | "savepoint"
                    | "transaction_with_config"
                    | "test_transaction"
                    | "run"
                    | "immediate_transaction"
                    | "exclusive_transaction"
            );
        let guarded =
            in_transaction.then_some(Hold { library: Some(guard.library), ..Hold::TRANSACTION });
        let mut value = receiver.clone().borrowed();
        value.ty = Type::Unknown;
        value.future = Future::Plain;
        value.works = vec![direct(Waits::Connection, expr.span)];
        let outer = self.may_block;
        self.may_block |= name == "interact" || name == "spawn_blocking";
        self.take_args(args, &[], guarded, &mut value);
        self.may_block = outer;
        value.head = Some(name);
        match libraries::guard_method(guard, &name).filter(|_| !closure) {
            Some(Returns::Guard(found)) => {
                value.ty = wrapped("Result", &Type::Lib(found));
                value.future = Future::Takes;
            }
            Some(Returns::Receiver) if guard.role == Role::Executor && name == "acquire" => {
                let taken = LibType { role: Role::Connection, ..guard };
                value.ty = wrapped("Result", &Type::Lib(taken));
                value.future = Future::Takes;
            }
            Some(Returns::Receiver) => {
                value.ty = match receiver.ty {
                    Type::Ref(_) => receiver.ty.clone(),
                    _ => Type::Ref(Arc::new(receiver.ty.clone())),
                };
                value.works.clear();
            }
            Some(Returns::Detached) => {
                self.take_out(receiver);
                self.end_owned(receiver);
                value.guards.clear();
            }
            _ => {}
        }
        value
    }

    pub(super) fn stream_method(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        name: Ustr,
        args: &[Expr],
    ) -> Value {
        let looks = matches!(
            name.as_str(),
            "next" | "try_next" | "by_ref" | "as_mut" | "peek" | "select_next_some" | "size_hint"
        );
        let mut value = match looks {
            true => receiver.clone().borrowed(),
            false => {
                self.take_out(receiver);
                receiver.clone()
            }
        };
        let held: Vec<GuardId> = value.guards.iter().map(|(guard, _)| *guard).collect();
        let during = if only_makes(&name) { &[][..] } else { &held };
        let parts = self.force(during, |walker| walker.take_args(args, &[], None, &mut value));
        self.wait_for_each_row(&name, receiver, args, &parts);
        if matches!(name.as_str(), "next" | "try_next") {
            let ends_by_itself =
                |guard: &GuardId| self.facts.guards[guard.0].library == Some(Library::Sqlx);
            value.reads = held.into_iter().filter(ends_by_itself).collect();
        }
        value.head = Some(name);
        value.works = vec![direct(Waits::Connection, expr.span)];
        value.future = Future::Plain;
        let one = matches!(name.as_str(), "next" | "try_next" | "peek" | "select_next_some");
        let finishes = one || finishes_rows(&name);
        value.ty = match name.as_str() {
            "by_ref" | "as_mut" => Type::Ref(Arc::new(Type::PoolStream)),
            _ if finishes => Type::External { name: Ustr::from("Rows"), args: Arc::from([]) },
            _ => Type::PoolStream,
        };
        if !finishes {
            value.future = Future::No;
            value.works = parts.into_iter().flat_map(|part| part.works).collect();
        }
        value
    }

    /// `query.fetch(&pool)`: the stream takes a connection, and keeps it to its end.
    pub(super) fn pool_stream(&mut self, name: Ustr, span: Span) -> Value {
        let mut value = Value::of(Type::PoolStream);
        value.head = Some(name);
        value.works = vec![direct(Waits::Connection, span)];
        if name == "stream" {
            value.future = Future::Takes;
            return value;
        }
        let library = Some(Library::Sqlx);
        let hold = Hold { what: GuardKind::Stream, owned: true, certain: true, library };
        let guard = self.guard(hold, Origin::Acquired, span);
        self.flow.hold(guard, Holder::Temp);
        value.guards.push((guard, true));
        value
    }
}
