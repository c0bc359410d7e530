//! Methods that hand on what they are called on: of options, results, futures and iterators.

use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use crate::analysis::flow::Holder;
use crate::analysis::names::is_async_inside;
use crate::analysis::value::{Future, GuardId, Value, Work, direct, no_wait, works_of};
use crate::analysis::wrappers::{ok_inner, ok_type, unwrapped, wrapped};
use crate::findings::{GuardKind, Waits};
use crate::libraries;
use crate::syntax::{Expr, Kind, Span};
use crate::types::Type;

/// The type of `stream::iter(list)`.
pub(super) const READY: &str = "ReadyStream";

impl Walker<'_> {
    /// Methods that hand on what they are called on: of options, results, futures and pointers.
    pub(super) fn adapter(
        &mut self,
        receiver: &Value,
        receiver_expr: &Expr,
        name: Ustr,
        args: &[Expr],
        span: Span,
    ) -> Option<Value> {
        let mut value = receiver.clone();
        let place = matches!(receiver_expr.kind, Kind::Path(_) | Kind::Field { .. });
        match name.as_str() {
            "unwrap" | "expect" | "unwrap_or" | "unwrap_or_else" | "unwrap_or_default"
            | "unwrap_unchecked" | "expect_err" => {
                if place && !matches!(value.ty, Type::Ref(_)) {
                    self.take_out(&value);
                }
                self.take_args(args, &[], None, &mut Value::unknown());
                value.ty = ok_type(&value.ty);
            }
            "ok_or" | "ok_or_else" | "map_err" | "context" | "with_context" | "ok"
            | "inspect_err" | "wrap_err" | "wrap_err_with" | "change_context" | "attach"
            | "attach_printable" | "or_else" | "or" | "inspect" | "err_into" => {
                if place && !matches!(value.ty, Type::Ref(_)) {
                    self.take_out(&value);
                }
                self.take_args(args, &[], None, &mut Value::unknown());
            }
            // Nothing waits for the items of `stream::iter(list)`.
            "chunks" | "next" if is_ready(&receiver.ty) => {
                self.take_args(args, &[], None, &mut Value::unknown());
                value.works = vec![no_wait(span)];
            }
            "take" | "replace" if args.len() <= 1 && !receiver.guards.is_empty() => {
                self.take_out(&value);
                for arg in args {
                    self.value(arg);
                }
            }
            "as_mut" | "as_ref" | "as_deref" | "as_deref_mut" | "borrow" | "borrow_mut"
            | "deref" | "deref_mut" | "get_mut" | "by_ref" | "iter" | "iter_mut"
                if args.is_empty() =>
            {
                value = value.borrowed();
                if !matches!(value.ty, Type::Ref(_) | Type::Unknown) {
                    value.ty = Type::Ref(Arc::new(value.ty));
                }
            }
            "get" if args.is_empty() => match unwrapped(&receiver.ty) {
                // A once-cell's content.
                Type::External { name, .. }
                    if matches!(name.as_str(), "OnceCell" | "OnceLock" | "Data" | "State") =>
                {
                    value.ty = wrapped("Option", &ok_inner(&receiver.ty));
                }
                _ => return None,
            },
            "clear" if args.is_empty() && place => self.end_owned(&value),
            "get_or_init" | "get_or_try_init" | "force" => {
                value.ty = ok_inner(&receiver.ty);
                let parts = self.take_args(args, &[], None, &mut value);
                value.works = works_of(&parts);
            }
            "clone" | "cloned" | "to_owned" | "copied" if args.is_empty() => {
                // The clone of a temporary is all that is left of it.
                let is_temp = |guard| {
                    self.flow.alive.get(guard).is_some_and(|alive| alive.holder == Holder::Temp)
                };
                value.guards.iter_mut().for_each(|(guard, owned)| *owned &= is_temp(guard));
                value.parts.clear();
                if let Type::Ref(inner) = &value.ty {
                    value.ty = (**inner).clone();
                }
            }
            "into" | "try_into" | "into_future" | "into_inner" | "boxed" | "boxed_local"
            | "fuse" | "shared" | "scope_boxed" | "in_current_span" | "compat" | "into_iter"
            | "catch_unwind" | "enumerate" | "rev" | "peekable" | "into_stream" | "flatten"
            | "scope_boxed_local"
                if args.is_empty() =>
            {
                if place && !matches!(value.ty, Type::Ref(_)) {
                    self.take_out(&value);
                }
                if name == "into_inner" {
                    value.ty = ok_inner(&value.ty);
                }
            }
            "instrument"
            | "with_current_subscriber"
            | "bind"
            | "timeout"
            | "tap_err"
            | "chain"
            | "with_context_of"
                if receiver.future != Future::No || !receiver.works.is_empty() =>
            {
                let begins = receiver.begins_pool && name == "timeout";
                self.take_args(args, &[], None, &mut value);
                if begins {
                    self.report_begin(span, receiver_expr.span);
                }
            }
            "map"
            | "then"
            | "and_then"
            | "filter_map"
            | "filter"
            | "for_each"
            | "try_for_each"
            | "map_ok"
            | "buffer_unordered"
            | "buffered"
            | "try_buffer_unordered"
            | "try_buffered"
            | "try_filter"
            | "try_filter_map"
            | "skip"
            | "take_while"
            | "zip"
            | "fold"
            | "try_fold"
            | "for_each_concurrent"
            | "try_for_each_concurrent"
            | "flat_map"
            | "flat_map_unordered"
            | "collect"
            | "try_collect"
            | "map_or"
            | "map_or_else"
            | "any"
            | "all"
            | "find"
            | "position" => {
                return Some(self.combinator(receiver, place, name, args, span));
            }
            _ => return self.item(receiver, place, name, args, span),
        }
        value.failure = false;
        Some(value)
    }

    /// Sees the futures that a stream's method waits for between rows: `and_then(|row| send(row))`.
    pub(super) fn wait_for_each_row(
        &mut self,
        name: &str,
        rows: &Value,
        args: &[Expr],
        parts: &[Value],
    ) {
        let works: Vec<Work> = match name {
            "buffered" | "buffer_unordered" | "try_buffered" | "try_buffer_unordered" => {
                rows.works.clone()
            }
            "then"
            | "and_then"
            | "or_else"
            | "filter"
            | "filter_map"
            | "try_filter"
            | "try_filter_map"
            | "take_while"
            | "for_each"
            | "try_for_each"
            | "for_each_concurrent"
            | "try_for_each_concurrent"
            | "fold"
            | "try_fold"
            | "any"
            | "all" => {
                // The awaits of an async closure were seen in it.
                let calls = args.iter().zip(parts).filter(|(arg, _)| {
                    matches!(&arg.kind, Kind::Closure { body, .. } if !is_async_inside(body))
                });
                calls.flat_map(|(_, part)| part.works.clone()).collect()
            }
            _ => return,
        };
        let held: Vec<GuardId> = rows.guards.iter().map(|(guard, _)| *guard).collect();
        self.force(&held, |walker| {
            for work in works {
                let span = work.span;
                walker.on_await(&Value { works: vec![work], ..Value::unknown() }, span, span);
            }
        });
    }

    /// `option.map(|x| ..)`, `stream.then(|x| async ..)`, `future.and_then(..)`, `iter.map(..)`.
    pub(super) fn combinator(
        &mut self,
        receiver: &Value,
        place: bool,
        name: Ustr,
        args: &[Expr],
        span: Span,
    ) -> Value {
        if place && !matches!(receiver.ty, Type::Ref(_)) {
            self.take_out(receiver);
        }
        let mut value = receiver.clone();
        value.parts.clear();
        let rows = reads_rows(receiver);
        let held: Vec<GuardId> = receiver
            .guards
            .iter()
            .map(|(guard, _)| *guard)
            .filter(|guard| rows || self.facts.guards[guard.0].what == GuardKind::Stream)
            .filter(|_| !only_makes(&name))
            .collect();
        let item = ok_type(unwrapped(&receiver.ty));
        let hint = Type::Callable { inputs: Arc::from([item]), output: Arc::new(Type::Unknown) };
        let mut given = Value::unknown();
        let parts = self.force(&held, |walker| walker.take_args(args, &[hint], None, &mut given));
        value.carry(&given);
        if rows {
            self.wait_for_each_row(&name, receiver, args, &parts);
            value.works.clear();
        }
        value.streams = rows && !finishes_rows(&name);
        parts.iter().for_each(|part| value.wait_for(part));
        value.ty = match name.as_str() {
            "filter" | "take_while" | "skip" | "collect" | "try_collect" => receiver.ty.clone(),
            _ => Type::Unknown,
        };
        if value.works.is_empty() {
            value.works = vec![direct(Waits::Unknown, span)];
        }
        value.head = Some(name);
        value
    }
}

/// Returns true for rows that are still read from the connection.
pub(super) fn reads_rows(value: &Value) -> bool {
    let starts = value.head.is_some_and(|head| libraries::gives_reader(&head));
    !value.guards.is_empty() && (value.streams || starts)
}

/// Returns true for methods of a stream that read it to an end.
pub(super) fn finishes_rows(name: &str) -> bool {
    matches!(
        name,
        "collect"
            | "try_collect"
            | "for_each"
            | "try_for_each"
            | "for_each_concurrent"
            | "try_for_each_concurrent"
            | "fold"
            | "try_fold"
            | "count"
            | "concat"
            | "try_concat"
            | "forward"
            | "all"
            | "any"
    )
}

/// Returns true for methods that make a future of each row, for which another method waits.
pub(super) fn only_makes(name: &str) -> bool {
    matches!(name, "map" | "map_ok")
}

/// Returns true for a stream of items that are there already.
fn is_ready(ty: &Type) -> bool {
    matches!(unwrapped(ty), Type::External { name, .. } if name == READY)
}
