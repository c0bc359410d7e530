//! Calls of functions that are known by their names: `drop`, `spawn`, `timeout` and others.

use ustr::Ustr;

use super::Walker;
use super::adapters::READY;
use crate::analysis::value::{Future, GuardId, Value, direct, no_wait, task, works_of};
use crate::analysis::wrappers::{external, wrapped};
use crate::findings::{Code, Waits};
use crate::syntax::{Expr, Kind, TyPath};
use crate::types::Type;

impl Walker<'_> {
    /// Reads calls whose meaning their name tells.
    pub(super) fn known_call(
        &mut self,
        expr: &Expr,
        path: &TyPath,
        args: &[Expr],
    ) -> Option<Value> {
        let names: Vec<&str> = path.names.iter().map(Ustr::as_str).collect();
        let last = *names.last()?;
        let owner = names.len().checked_sub(2).map_or("", |at| names[at]);
        match (owner, last) {
            ("" | "mem" | "std", "drop" | "forget") if args.len() == 1 => {
                let value = self.value(&args[0]);
                self.end_owned(&value);
                Some(Value::of(Type::Unit))
            }
            ("mem", "take" | "replace") if !args.is_empty() => {
                let Kind::Ref { expr: place } = &args[0].kind else { return None };
                let taken = self.value(place);
                for arg in &args[1..] {
                    self.value(arg);
                }
                Some(taken)
            }
            (_, "Some" | "Ok" | "Break" | "Continue" | "Left" | "Right") if args.len() == 1 => {
                let value = self.value(&args[0]);
                let name = match last {
                    "Ok" => "Result",
                    "Some" => "Option",
                    _ => "Either",
                };
                Some(Value { ty: wrapped(name, &value.ty), parts: Vec::new(), ..value })
            }
            (_, "Err") if args.len() == 1 => {
                let mut value = self.value(&args[0]);
                value.guards.clear();
                value.failure = true;
                value.ty = wrapped("Result", &Type::Unknown);
                Some(value)
            }
            ("Box" | "Pin", "pin") if args.len() == 1 => Some(self.value(&args[0])),
            (
                "Box" | "Arc" | "Rc" | "Mutex" | "RwLock" | "RefCell" | "Cell" | "ManuallyDrop"
                | "AssertUnwindSafe" | "Pin" | "OnceCell" | "OnceLock",
                "new" | "from",
            ) if args.len() == 1 => {
                let value = self.value(&args[0]);
                Some(Value { ty: wrapped(owner, &value.ty), parts: Vec::new(), ..value })
            }
            ("Arc" | "Rc", "clone") if args.len() == 1 => Some(self.value(&args[0])),
            (_, "timeout" | "timeout_at") if args.len() == 2 => {
                self.value(&args[0]);
                let value = self.value(&args[1]);
                if value.begins_pool {
                    self.report_begin(expr.span, args[1].span);
                }
                Some(Value { ty: wrapped("Result", &value.ty), begins_pool: false, ..value })
            }
            (
                _,
                "join_all" | "try_join_all" | "select_all" | "select_ok" | "join" | "try_join"
                | "join3" | "try_join3" | "join4" | "try_join4" | "select" | "try_select"
                | "abortable" | "unconstrained",
            ) if !args.is_empty() && !matches!(owner, "Path" | "PathBuf") => {
                let mut value = Value::unknown();
                self.take_args(args, &[], None, &mut value);
                value.works = vec![direct(Waits::Join, expr.span)];
                value.future = Future::Plain;
                Some(value)
            }
            (_, "block_in_place") | ("thread", "scope") => {
                let outer = std::mem::replace(&mut self.may_block, true);
                let mut value = Value::unknown();
                self.take_args(args, &[], None, &mut value);
                self.may_block = outer;
                Some(value)
            }
            (_, "spawn_blocking" | "asyncify") | ("thread", "spawn") => {
                let outer = std::mem::replace(&mut self.may_block, true);
                for arg in args {
                    self.spawned(arg);
                }
                self.may_block = outer;
                Some(task(expr.span))
            }
            (_, "spawn" | "spawn_local" | "spawn_pinned" | "spawn_with_name") => {
                for arg in args {
                    self.spawned(arg);
                }
                Some(task(expr.span))
            }
            ("Sse" | "StreamBody" | "StreamBodyAs" | "EventStream", "new")
            | ("Body", "from_stream" | "wrap_stream") => {
                let mut value = Value::unknown();
                self.take_args(args, &[], None, &mut value);
                let owned: Vec<GuardId> = value.owned().collect();
                for guard in owned {
                    self.report(Code::Sa010, guard, expr.span, expr.span);
                }
                Some(value)
            }
            ("future" | "futures", "ready" | "ok" | "err") | ("", "ready") => {
                let mut value = Value::unknown();
                self.take_args(args, &[], None, &mut value);
                value.works = vec![no_wait(expr.span)];
                Some(value)
            }
            ("stream", "iter") if args.len() == 1 => {
                let mut value = Value::of(external(READY));
                let parts = self.take_args(args, &[], None, &mut value);
                value.works = works_of(&parts);
                Some(value)
            }
            (_, "unfold" | "try_unfold") => {
                let mut value = Value::unknown();
                self.take_args(args, &[], None, &mut value);
                let owned: Vec<GuardId> = value.owned().collect();
                self.unfolded.extend(owned.into_iter().map(|guard| (guard, expr.span)));
                Some(value)
            }
            _ => None,
        }
    }
}
