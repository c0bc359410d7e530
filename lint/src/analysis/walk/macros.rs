//! Macro calls: `select!`, `join!`, streams and the rest.

use std::collections::HashSet;
use std::sync::Arc;

use ustr::Ustr;

use super::Walker;
use crate::analysis::facts::Rule;
use crate::analysis::flow::{Flow, Holder};
use crate::analysis::value::{BindId, Future, Value, merge};
use crate::syntax::{Branch, Expr, Kind, MacroCall, MacroContent, Span};
use crate::types::Type;

impl Walker<'_> {
    pub(super) fn macro_call(&mut self, call: &MacroCall) -> Value {
        let name = call.path.last().copied().unwrap_or_default();
        match &call.content {
            MacroContent::Expanded(block) => self.block(block),
            MacroContent::Select(branches) => self.select(branches, call.name_span),
            MacroContent::Body(block) => match name.as_str() {
                "stream" | "try_stream" | "generator" | "gen_stream" => self.generator(block),
                _ => self.block(block),
            },
            MacroContent::Args(args) => match name.as_str() {
                "join" | "try_join" => self.join(args, call.name_span),
                _ => self.plain_macro(name, args),
            },
            MacroContent::Tokens { names } => {
                let names: HashSet<Ustr> = names.iter().copied().collect();
                let mut value = Value::unknown();
                value.guards = self.captured(&names, false);
                value
            }
        }
    }

    pub(super) fn join(&mut self, args: &[Expr], token: Span) -> Value {
        let parts: Vec<Value> = args.iter().map(|arg| self.value(arg)).collect();
        for (part, arg) in parts.iter().zip(args) {
            self.on_join(part, token, arg.span);
        }
        let types = parts.iter().map(|part| part.ty.clone()).collect();
        let mut value = Value::of(Type::Tuple(types));
        let takes = |part: &Value| part.future == Future::Takes;
        value.parts = parts
            .into_iter()
            .map(|part| match takes(&part) {
                true => self.output_of_branch(part, token),
                false => Value::of(part.ty),
            })
            .collect();
        for part in value.parts.clone() {
            value.carry(&part);
        }
        value
    }

    /// Does the same as [`Walker::on_await`] for one of several futures that are awaited together.
    pub(super) fn on_join(&mut self, value: &Value, token: Span, subject: Span) {
        let before = self.facts.candidates.len();
        self.on_await(value, token, subject);
        for candidate in &mut self.facts.candidates[before..] {
            candidate.rule = Rule::Join;
        }
    }

    pub(super) fn plain_macro(&mut self, name: Ustr, args: &[Expr]) -> Value {
        let mut value = Value::unknown();
        for arg in args {
            // Formatting and assertions borrow; `pin!` and `vec!` take.
            let part = match name.as_str() {
                "pin" | "vec" => self.value(arg),
                _ => self.expr(arg).borrowed(),
            };
            if name == "pin" {
                value.ty = part.ty.clone();
                if let Kind::Path(path) = &arg.kind {
                    // `pin!(x)` pins `x` where it is.
                    if let Some(at) = path.names.first().and_then(|name| self.lookup(*name)) {
                        for guard in part.owned() {
                            self.flow.hold(guard, Holder::Binding(BindId(at)));
                        }
                    }
                }
            }
            let formats = matches!(
                name.as_str(),
                "format"
                    | "println"
                    | "info"
                    | "debug"
                    | "warn"
                    | "error"
                    | "trace"
                    | "json"
                    | "assert"
                    | "assert_eq"
                    | "matches"
                    | "eprintln"
                    | "write"
                    | "print"
            );
            if !formats {
                value.carry(&part);
                value.wait_for(&part);
            }
        }
        match name.as_str() {
            "bail" | "panic" | "unreachable" | "todo" | "unimplemented" | "throw" => {
                self.flow = Flow::dead();
            }
            "query" | "query_as" | "query_scalar" | "query_file" | "query_file_as" => {
                value.ty = Type::External { name, args: Arc::from([]) };
            }
            "anyhow" | "eyre" => value.ty = Type::Unit,
            _ => {}
        }
        value.head = Some(name);
        value
    }

    pub(super) fn select(&mut self, branches: &[Branch], token: Span) -> Value {
        let futures: Vec<Option<Value>> = branches
            .iter()
            .map(|branch| branch.future.as_ref().map(|future| self.value(future)))
            .collect();
        for (branch, value) in branches.iter().zip(&futures) {
            let (Some(value), Some(future)) = (value, &branch.future) else { continue };
            if value.begins_pool {
                self.report_begin(token, future.span);
            }
        }
        // A statement that races with a timer or a cancellation ends the wait.
        let given = futures
            .iter()
            .flatten()
            .any(|value| value.guards.iter().any(|(guard, _)| self.flow.alive.contains_key(guard)));
        for (branch, value) in branches.iter().zip(&futures) {
            let (Some(value), Some(future)) = (value, &branch.future) else { continue };
            if !given {
                self.on_await(value, token, future.span);
            }
        }
        let entry = self.flow.clone();
        let mut exit = Flow::dead();
        let mut result = Value::unknown();
        for (branch, value) in branches.iter().zip(futures) {
            self.flow = entry.clone();
            let first = self.bindings.len();
            if let Some(value) = value {
                let output = self.output_of_branch(value, token);
                self.bind_in_branch(&branch.pat, output);
            }
            if let Some(guard) = &branch.guard {
                self.value(guard);
            }
            let given = self.value(&branch.body);
            self.leave_scope(first, given.failure, branch.body.span);
            if self.flow.reachable {
                merge(&mut result, given);
            }
            exit.join(std::mem::replace(&mut self.flow, Flow::dead()));
        }
        self.flow = exit;
        result
    }

    pub(super) fn output_of_branch(&mut self, value: Value, token: Span) -> Value {
        let works = Value { works: Vec::new(), ..value };
        let candidates = self.facts.candidates.len();
        let output = self.finish_await(works, token, token);
        // The await itself was seen before.
        self.facts.candidates.truncate(candidates);
        output
    }
}
