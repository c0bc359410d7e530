//! Calls of functions: which function it is, and what those of other crates return.

use std::sync::Arc;

use thin_vec::ThinVec;
use ustr::Ustr;

use super::Walker;
use crate::analysis::awaits;
use crate::analysis::value::{Future, Value, direct, hands_over, works_of};
use crate::analysis::wrappers::{
    external, ok_type, opened_client, output_of, unwrapped, wrapped, wraps,
};
use crate::findings::Waits;
use crate::index::{Def, FnId};
use crate::libraries::{LibType, Role};
use crate::syntax::{Expr, Kind, Pat, Ty, TyPath};
use crate::types::{Bound, Hold, Type};

/// The target of a call.
enum Callee {
    Functions(Vec<FnId>),
    /// A tuple struct or a variant.
    Constructor(Type),
    /// A method of a library's type, written as a path.
    Library(LibType),
    External(Vec<Ustr>),
}
impl Walker<'_> {
    pub(super) fn call(&mut self, expr: &Expr, func: &Expr, args: &[Expr]) -> Value {
        if let Kind::Closure { params, body, moves, .. } = &func.kind {
            return self.call_closure(params, body, *moves, args);
        }
        let Kind::Path(path) = &func.kind else {
            let mut value = self.place(func);
            let parts = self.take_args(args, &[], None, &mut value);
            self.call_untyped(&value, &parts);
            value.ty = output_of(&value.ty);
            value.works = vec![direct(Waits::Unknown, expr.span)];
            return value;
        };
        if let [name] = path.names.as_slice()
            && self.lookup(*name).is_some()
        {
            return self.call_variable(expr, func, args);
        }
        let callee = self.callee(path);
        if !matches!(callee, Callee::Functions(_))
            && let Some(value) = self.known_call(expr, path, args)
        {
            return value;
        }
        match callee {
            Callee::Functions(ids) => self.call_local(&ids, None, args, expr.span),
            Callee::Constructor(ty) => {
                let mut value = Value::of(ty);
                self.take_args(args, &[], None, &mut value);
                value
            }
            Callee::Library(found)
                if found.role == Role::RawConnection
                    && matches!(path.last().as_str(), "connect" | "connect_with" | "establish") =>
            {
                let mut value = Value::unknown();
                self.take_args(args, &[], None, &mut value);
                value.opens = true;
                let opened = LibType { role: Role::Connection, ..found };
                value.ty = wrapped("Result", &Type::Lib(opened));
                value.works = vec![direct(Waits::Connection, expr.span)];
                value.future = Future::Takes;
                value
            }
            Callee::Library(found) if !args.is_empty() => {
                let mut receiver = self.value(&args[0]);
                receiver.ty = match &receiver.ty {
                    Type::Unknown => Type::Lib(found),
                    ty => ty.clone(),
                };
                self.call_method_of(
                    expr,
                    receiver,
                    &args[0],
                    path.last(),
                    func.span,
                    &[],
                    &args[1..],
                )
            }
            Callee::Library(_) => Value::unknown(),
            Callee::External(full) => match self.method_by_path(expr, func, &full, args) {
                Some(value) => value,
                None => self.call_external(expr, func, &full, args),
            },
        }
    }

    /// A closure that is called where it is written, as macros do: it is given what the call gives.
    fn call_closure(
        &mut self,
        params: &[(Pat, Option<Ty>)],
        body: &Expr,
        moves: bool,
        args: &[Expr],
    ) -> Value {
        let mut given = Value::unknown();
        let parts = self.take_args(args, &[], None, &mut given);
        let mut value = self.closure_given(params, body, moves, &parts);
        value.carry(&given);
        value.ty = output_of(&value.ty);
        value
    }

    /// `Context::wrap_err(result, "..")` of a trait from outside is `result.wrap_err("..")`.
    fn method_by_path(
        &mut self,
        expr: &Expr,
        func: &Expr,
        full: &[Ustr],
        args: &[Expr],
    ) -> Option<Value> {
        let [.., owner, method] = full else { return None };
        let (first, rest) = args.split_first()?;
        if !owner.starts_with(char::is_uppercase) || !matches!(first.kind, Kind::Path(_)) {
            return None;
        }
        let receiver = self.expr(first);
        let result = matches!(&receiver.ty, Type::External { name, .. } if wraps(name));
        if !result || self.types.hold(&receiver.ty).is_none() {
            return None;
        }
        Some(self.call_method_of(expr, receiver, first, *method, func.span, &[], rest))
    }

    pub(super) fn call_variable(&mut self, expr: &Expr, func: &Expr, args: &[Expr]) -> Value {
        let function = self.place(func);
        let hints: Vec<Type> = match &function.ty {
            Type::Callable { inputs, .. } => inputs.to_vec(),
            _ => Vec::new(),
        };
        let mut value = Value::of(output_of(&function.ty));
        value.carry(&function);
        let parts = self.take_args(args, &hints, None, &mut value);
        self.call_untyped(&function, &parts);
        value.works = match function.works.is_empty() {
            true => vec![direct(Waits::Unknown, expr.span)],
            false => function.works,
        };
        value.future = match self.types.hold(&value.ty) {
            Some(_) => Future::Takes,
            None => Future::Plain,
        };
        value
    }

    /// Reads the arguments of a call into its value.
    pub(super) fn take_args(
        &mut self,
        args: &[Expr],
        hints: &[Type],
        guarded: Option<Hold>,
        value: &mut Value,
    ) -> Vec<Value> {
        self.not_awaited(|walker| {
            let parts: Vec<Value> = args
                .iter()
                .enumerate()
                .map(|(position, arg)| walker.arg(arg, hints.get(position), guarded))
                .collect();
            for part in &parts {
                value.carry(part);
            }
            parts
        })
    }

    pub(super) fn arg(&mut self, arg: &Expr, hint: Option<&Type>, guarded: Option<Hold>) -> Value {
        if let Kind::Closure { params, body, moves, .. } = &arg.kind {
            let hints: Vec<Type> = match hint.map(unwrapped) {
                Some(Type::Callable { inputs, .. }) => inputs.to_vec(),
                _ => Vec::new(),
            };
            return self.closure(params, body, *moves, &hints, guarded);
        }
        self.value(arg)
    }

    fn callee(&self, path: &TyPath) -> Callee {
        let index = self.types.index;
        match index.resolve(self.scope.module, &path.names) {
            Some(Def::Fn(id)) => return Callee::Functions(vec![id]),
            Some(Def::Type(_)) => {
                let ty = self.types.read(&Ty::Path(path.clone()), &self.scope);
                return Callee::Constructor(ty);
            }
            _ => {}
        }
        let owner_path = &path.names[..path.names.len() - 1];
        let method = path.last();
        if owner_path.is_empty() && path.qself.is_none() {
            if method == "Self" {
                return Callee::Constructor(self.types.self_type(&self.scope));
            }
            return match index.resolve(self.scope.module, &path.names) {
                Some(Def::External(full)) => Callee::External(full),
                _ => Callee::External(path.names.to_vec()),
            };
        }
        let owner = match &path.qself {
            Some(qself) => self.types.read(qself, &self.scope),
            None => {
                let owner = TyPath {
                    qself: None,
                    names: owner_path.into(),
                    args: path.args.clone(),
                    assoc: ThinVec::new(),
                };
                self.types.read(&Ty::Path(owner), &self.scope)
            }
        };
        match &owner {
            Type::Local(id, _) => {
                let found = index.methods(*id, method);
                match found.is_empty() {
                    false => Callee::Functions(found.to_vec()),
                    true => Callee::Constructor(owner),
                }
            }
            Type::Lib(found) => Callee::Library(*found),
            Type::Bounded(bounds) => {
                let found = self.methods_of_bounds(bounds, method);
                match found.is_empty() {
                    false => Callee::Functions(found),
                    true => Callee::External(path.names.to_vec()),
                }
            }
            _ => match index.resolve(self.scope.module, &path.names) {
                Some(Def::External(full)) => Callee::External(full),
                _ => Callee::External(path.names.to_vec()),
            },
        }
    }

    pub(super) fn methods_of_bounds(&self, bounds: &[Bound], name: Ustr) -> Vec<FnId> {
        let traits = bounds.iter().filter_map(|bound| match bound {
            Bound::Local(id) => Some(*id),
            _ => None,
        });
        traits.flat_map(|id| self.types.index.trait_methods(id, name)).collect()
    }

    pub(super) fn call_external(
        &mut self,
        expr: &Expr,
        func: &Expr,
        full: &[Ustr],
        args: &[Expr],
    ) -> Value {
        let blocking = awaits::blocking_function(full) && !self.is_awaited();
        let mut value = Value::unknown();
        let last = full.last().copied().unwrap_or_default();
        let guarded = (last == "transaction").then_some(Hold::TRANSACTION);
        let parts = self.take_args(args, &[], guarded, &mut value);
        if blocking {
            self.on_blocking(func.span, expr.span);
        }
        let takes = parts.iter().any(|part| self.types.pool(&part.ty).is_some());
        let kind = match awaits::function(full) {
            Waits::Unknown if takes => Waits::Connection,
            kind => kind,
        };
        // Wrappers such as `retry(|| async { .. })` wait for what they are given.
        let inner = works_of(&parts);
        value.works = match kind {
            Waits::Unknown if !inner.is_empty() => inner,
            kind => vec![direct(kind, expr.span)],
        };
        value.ty = self.made_by(full);
        value.head = Some(last);
        let root = full.first().map_or("", Ustr::as_str);
        if matches!(root, "sqlx") && last.starts_with("query") {
            value.ty = Type::External { name: last, args: Arc::from([]) };
            value.works.clear();
        }
        if self.types.hold(&value.ty).is_some() {
            value.opens = true;
            value.future = Future::Takes;
        }
        if let Some(made) = self.made_by_closure(&value.ty, args, &parts) {
            value.ty = made;
            value.future = Future::Takes;
        }
        value.handed = hands_over(args, &parts);
        // An argument that was moved in may live on in the result.
        value
    }

    /// Returns the type of `retry(|| pool.begin())`: what the closure makes, if that is all that is known.
    pub(super) fn made_by_closure(
        &self,
        known: &Type,
        args: &[Expr],
        parts: &[Value],
    ) -> Option<Type> {
        if !matches!(ok_type(known), Type::Unknown | Type::Bounded(_)) {
            return None;
        }
        args.iter().zip(parts).find_map(|(arg, part)| match (&arg.kind, &part.ty) {
            (Kind::Closure { params, .. }, Type::Callable { output, .. }) if params.is_empty() => {
                let hold = self.types.hold(output)?;
                (hold.owned && hold.certain).then(|| (**output).clone())
            }
            _ => None,
        })
    }

    /// Returns the type that a function from outside makes, as far as its path tells.
    pub(super) fn made_by(&self, full: &[Ustr]) -> Type {
        let names: Vec<&str> = full.iter().map(Ustr::as_str).collect();
        match names.as_slice() {
            [.., "oneshot" | "mpsc" | "broadcast" | "watch", "channel" | "unbounded_channel"] => {
                Type::Tuple(Arc::from([external("Sender"), external("Receiver")]))
            }
            ["tokio_postgres", .., "connect"] => opened_client(),
            [.., owner, _] if owner.starts_with(char::is_uppercase) => external(owner),
            _ => Type::Unknown,
        }
    }
}
