//! Calls: what they return, which guards they take and give, and what waits in them.

use std::sync::Arc;

use ustr::Ustr;

use super::awaits;
use super::value::{AwaitKind, Future, GuardId, Origin, Value, Work, WorkKind};
use super::walk::{Edge, Walker, hands_on_by_name, ok_type, unwrapped};
use crate::findings::Code;
use crate::index::{Def, FnId};
use crate::libraries::{self, LibType, Library, Returns, Role};
use crate::syntax::{Expr, Kind, Receiver, Span, Ty, TyPath};
use crate::types::{Bound, Held, Hold, Type, transparent};

/// What a call calls.
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
        let Kind::Path(path) = &func.kind else {
            let mut value = self.place(func);
            self.take_args(args, &[], None, &mut value);
            value.ty = output_of(&value.ty);
            value.works = vec![direct(AwaitKind::Unknown, expr.span)];
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
                value.works = vec![direct(AwaitKind::Connection, expr.span)];
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
            Callee::External(full) => self.call_external(expr, func, &full, args),
        }
    }

    fn call_variable(&mut self, expr: &Expr, func: &Expr, args: &[Expr]) -> Value {
        let function = self.place(func);
        let hints: Vec<Type> = match &function.ty {
            Type::Callable { inputs, .. } => inputs.to_vec(),
            _ => Vec::new(),
        };
        let mut value = Value::of(output_of(&function.ty));
        value.carry(&function);
        self.take_args(args, &hints, None, &mut value);
        value.works = match function.works.is_empty() {
            true => vec![direct(AwaitKind::Unknown, expr.span)],
            false => function.works,
        };
        value.future = match self.types.hold(&value.ty) {
            Some(_) => Future::Takes,
            None => Future::Plain,
        };
        value
    }

    /// Reads the arguments of a call into its value.
    fn take_args(
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

    fn arg(&mut self, arg: &Expr, hint: Option<&Type>, guarded: Option<Hold>) -> Value {
        if let Kind::Closure { params, body, moves, .. } = &arg.kind {
            let hints: Vec<Type> = match hint.map(unwrapped) {
                Some(Type::Callable { inputs, .. }) => inputs.to_vec(),
                _ => Vec::new(),
            };
            return self.closure(params, body, *moves, &hints, guarded);
        }
        self.value(arg)
    }

    /// Reads calls whose meaning their name tells.
    fn known_call(&mut self, expr: &Expr, path: &TyPath, args: &[Expr]) -> Option<Value> {
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
                value.works = vec![direct(AwaitKind::Join, expr.span)];
                value.future = Future::Plain;
                Some(value)
            }
            (_, "spawn_blocking" | "block_in_place" | "asyncify")
            | ("thread", "spawn" | "scope") => {
                let outer = std::mem::replace(&mut self.may_block, true);
                for arg in args {
                    self.spawned(arg);
                }
                self.may_block = outer;
                let mut value = Value::of(Type::External {
                    name: Ustr::from("JoinHandle"),
                    args: Arc::from([]),
                });
                value.works = vec![direct(AwaitKind::Join, expr.span)];
                Some(value)
            }
            (_, "spawn" | "spawn_local" | "spawn_pinned" | "spawn_with_name") => {
                for arg in args {
                    self.spawned(arg);
                }
                let mut value = Value::of(Type::External {
                    name: Ustr::from("JoinHandle"),
                    args: Arc::from([]),
                });
                value.works = vec![direct(AwaitKind::Join, expr.span)];
                Some(value)
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
            ("future" | "futures", "ready") | ("", "ready") => {
                let mut value = Value::unknown();
                self.take_args(args, &[], None, &mut value);
                value.works = vec![Work { kind: WorkKind::Calls(Vec::new()), span: expr.span }];
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
                _ => Callee::External(path.names.clone()),
            };
        }
        let owner = match &path.qself {
            Some(qself) => self.types.read(qself, &self.scope),
            None => {
                let owner = TyPath {
                    qself: None,
                    names: owner_path.to_vec(),
                    args: path.args.clone(),
                    assoc: Vec::new(),
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
                    true => Callee::External(path.names.clone()),
                }
            }
            _ => match index.resolve(self.scope.module, &path.names) {
                Some(Def::External(full)) => Callee::External(full),
                _ => Callee::External(path.names.clone()),
            },
        }
    }

    fn methods_of_bounds(&self, bounds: &[Bound], name: Ustr) -> Vec<FnId> {
        let traits = bounds.iter().filter_map(|bound| match bound {
            Bound::Local(id) => Some(*id),
            _ => None,
        });
        traits.flat_map(|id| self.types.index.trait_methods(id, name)).collect()
    }

    fn call_external(&mut self, expr: &Expr, func: &Expr, full: &[Ustr], args: &[Expr]) -> Value {
        let blocking = awaits::blocking_function(full) && !self.is_awaited();
        let mut value = Value::unknown();
        let last = full.last().copied().unwrap_or_default();
        let guarded = (last == "transaction").then_some(TRANSACTION);
        let parts = self.take_args(args, &[], guarded, &mut value);
        if blocking {
            self.on_blocking(func.span, expr.span);
        }
        let takes = parts.iter().any(|part| self.types.pool(&part.ty).is_some());
        let kind = match awaits::function(full) {
            AwaitKind::Unknown if takes => AwaitKind::Connection,
            kind => kind,
        };
        // Wrappers such as `retry(|| async { .. })` wait for what they are given.
        let inner = works_of(&parts);
        value.works = match kind {
            AwaitKind::Unknown if !inner.is_empty() => inner,
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
        value.handed = hands_over(args, &parts);
        // An argument that was moved in may live on in the result.
        value
    }

    /// Returns the type that a function from outside makes, as far as its path tells.
    fn made_by(&self, full: &[Ustr]) -> Type {
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

    /// Reads a call of a function of the workspace.
    fn call_local(
        &mut self,
        ids: &[FnId],
        receiver: Option<Value>,
        args: &[Expr],
        span: Span,
    ) -> Value {
        let index = self.types.index;
        let primary = ids
            .iter()
            .copied()
            .find(|id| self.types.hold(&self.types.returned(*id)).is_some())
            .or(ids.first().copied());
        let Some(primary) = primary else { return Value::unknown() };
        let info = index.function(primary);
        let params = self.types.params(primary);
        // `Type::method(receiver, ..)` gives the receiver as an argument.
        let by_path = receiver.is_none() && info.item.receiver.is_some();
        let hints = match by_path {
            true => std::iter::once(Type::Unknown).chain(params.iter().cloned()).collect(),
            false => params.clone(),
        };
        let mut value = Value::of(self.types.returned(primary));
        let parts = self.take_args(args, &hints, None, &mut value);
        if let Some(receiver) = &receiver {
            value.carry(receiver);
            self.edges(ids, None, receiver, span);
        }
        for (position, part) in parts.iter().enumerate() {
            let param = if by_path { position.checked_sub(1) } else { Some(position) };
            self.edges(ids, param, part, span);
        }
        let pending = ids.iter().any(|id| is_pending(&index.function(*id).item));
        let takes = parts.iter().zip(&hints).any(|(part, param)| {
            let uncertain = match self.types.hold(param) {
                Some(hold) => !hold.certain,
                None => matches!(unwrapped(param), Type::Bounded(_)),
            };
            uncertain && self.types.pool(&part.ty).is_some()
        });
        value.head = Some(info.item.name);
        value.works = parts
            .iter()
            .filter(|part| part.future == Future::Plain)
            .flat_map(|part| part.works.clone())
            .collect();
        value.works.push(Work { kind: WorkKind::Calls(ids.to_vec()), span });
        if takes {
            value.works.push(direct(AwaitKind::Connection, span));
        }
        if pending {
            let gives = self.types.hold(&value.ty).is_some_and(|hold| hold.owned && hold.certain);
            if gives && value.guards.is_empty() {
                value.works.push(direct(AwaitKind::Connection, span));
            }
            value.future = Future::Takes;
            let ended = info.item.name.as_str();
            if receiver.is_some() && (libraries::ends(ended) || ended == "finish") {
                value.future = Future::Ends;
            }
            return value;
        }
        self.settle(value, &parts)
    }

    /// Settles who has the guards after a call that is no future.
    fn settle(&mut self, mut value: Value, parts: &[Value]) -> Value {
        let generic = match &value.ty {
            Type::Local(id, args) => {
                let open = args.is_empty()
                    || args.iter().any(|arg| matches!(arg, Type::Unknown | Type::Bounded(_)));
                open && !self.types.index.type_info(*id).item.generics.is_empty()
            }
            Type::External { args, .. } => {
                args.iter().any(|arg| matches!(arg, Type::Unknown | Type::Bounded(_)))
            }
            _ => false,
        };
        let known = !matches!(unwrapped(&value.ty), Type::Unknown | Type::Bounded(_)) && !generic;
        match self.types.hold(&value.ty) {
            Some(hold)
                if hold.owned
                    && value.guards.is_empty()
                    && hold.certain
                    && !self.types.is_optional(&value.ty) =>
            {
                // A constructor that was given no guard makes none of its own.
                let from_pool = !matches!(unwrapped(&value.ty), Type::Local(..));
                if from_pool {
                    let span = value.works.first().map_or(Span::default(), |work| work.span);
                    let guard = self.guard(hold, Origin::Acquired, span);
                    self.flow.hold(guard, super::flow::Holder::Temp);
                    value.guards.push((guard, true));
                }
            }
            Some(_) => {}
            None if known => {
                for part in parts {
                    self.end_owned(part);
                }
                value.guards.clear();
            }
            None => {}
        }
        value
    }

    fn edges(&mut self, ids: &[FnId], param: Option<usize>, part: &Value, span: Span) {
        for (guard, _) in &part.guards {
            for callee in ids {
                let edge = Edge { callee: *callee, param, guard: *guard, span };
                self.facts.edges.push(edge);
            }
        }
    }

    pub(super) fn method(
        &mut self,
        expr: &Expr,
        receiver: &Expr,
        name: Ustr,
        name_span: Span,
        turbofish: &[Ty],
        args: &[Expr],
    ) -> Value {
        let value = self.not_awaited(|walker| walker.expr(receiver));
        self.call_method_of(expr, value, receiver, name, name_span, turbofish, args)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a method call")]
    fn call_method_of(
        &mut self,
        expr: &Expr,
        receiver: Value,
        receiver_expr: &Expr,
        name: Ustr,
        name_span: Span,
        turbofish: &[Ty],
        args: &[Expr],
    ) -> Value {
        if matches!(name.as_str(), "spawn" | "spawn_on" | "spawn_local" | "spawn_blocking")
            && !args.is_empty()
        {
            let outer = self.may_block;
            self.may_block |= name == "spawn_blocking";
            for arg in args {
                self.spawned(arg);
            }
            self.may_block = outer;
            let mut value =
                Value::of(Type::External { name: Ustr::from("JoinHandle"), args: Arc::from([]) });
            value.works = vec![direct(AwaitKind::Join, expr.span)];
            return value;
        }
        let result_like = matches!(
            name.as_str(),
            "map_err"
                | "context"
                | "with_context"
                | "unwrap"
                | "expect"
                | "ok"
                | "ok_or"
                | "ok_or_else"
                | "inspect_err"
                | "wrap_err"
                | "change_context"
                | "unwrap_or_else"
        );
        let mut ty = receiver.ty.clone();
        for _ in 0..6 {
            if result_like && !matches!(ty, Type::Local(..) | Type::Ref(_)) {
                break;
            }
            match self.dispatch(expr, &receiver, receiver_expr, &ty, name, args) {
                Dispatch::Done(value) => return value,
                Dispatch::Into(inner) => ty = inner,
                Dispatch::None => break,
            }
        }
        self.unknown_method(expr, receiver, receiver_expr, name, name_span, turbofish, args)
    }

    /// Finds a method by the receiver's type.
    fn dispatch(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        receiver_expr: &Expr,
        ty: &Type,
        name: Ustr,
        args: &[Expr],
    ) -> Dispatch {
        match ty {
            Type::Ref(inner) => Dispatch::Into((**inner).clone()),
            Type::Local(id, _) => {
                let found = self.types.index.methods(*id, name).to_vec();
                if !found.is_empty() {
                    let receiver = self.as_receiver(receiver, receiver_expr, &found);
                    return Dispatch::Done(self.call_local(
                        &found,
                        Some(receiver),
                        args,
                        expr.span,
                    ));
                }
                match self.types.deref_target(*id, 6) {
                    Some(target) => Dispatch::Into(target),
                    None => Dispatch::None,
                }
            }
            Type::Bounded(bounds) => {
                let found = self.methods_of_bounds(bounds, name);
                if !found.is_empty() {
                    let receiver = self.as_receiver(receiver, receiver_expr, &found);
                    return Dispatch::Done(self.call_local(
                        &found,
                        Some(receiver),
                        args,
                        expr.span,
                    ));
                }
                let library = bounds.iter().find_map(|bound| match bound {
                    Bound::Lib(found) => Some(*found),
                    _ => None,
                });
                match library {
                    Some(found) => Dispatch::Done(self.guard_method(
                        expr,
                        receiver,
                        receiver_expr,
                        found,
                        name,
                        args,
                    )),
                    None => Dispatch::None,
                }
            }
            Type::External { name: outer, args: inner } if derefs(outer) => match inner.first() {
                Some(inner) => Dispatch::Into(inner.clone()),
                None => Dispatch::None,
            },
            Type::Lib(found) if found.role == Role::Pool => {
                self.pool_method(expr, receiver, *found, name, args)
            }
            Type::Lib(found) => {
                Dispatch::Done(self.guard_method(expr, receiver, receiver_expr, *found, name, args))
            }
            Type::PoolStream => {
                Dispatch::Done(self.stream_method(expr, receiver, receiver_expr, name, args))
            }
            _ => Dispatch::None,
        }
    }

    /// Returns the receiver as a method takes it: moved, if the method takes `self`.
    fn as_receiver(&mut self, receiver: &Value, place: &Expr, ids: &[FnId]) -> Value {
        let by_value = ids.iter().any(|id| {
            let declared = &self.types.index.function(*id).item.receiver;
            matches!(declared, Some(Receiver { by_ref: false, .. }))
        });
        if by_value && !matches!(receiver.ty, Type::Ref(_)) {
            self.take_out(receiver);
            return receiver.clone();
        }
        match place.kind {
            Kind::Path(_) | Kind::Field { .. } => receiver.clone().borrowed(),
            _ => receiver.clone().borrowed(),
        }
    }

    fn pool_method(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        pool: LibType,
        name: Ustr,
        args: &[Expr],
    ) -> Dispatch {
        let extensions = self.types.index.extensions.get(&name).cloned();
        let guarded = matches!(name.as_str(), "transaction" | "transaction_with_config");
        let Some(returns) = libraries::pool_method(pool.library, &name) else {
            if let Some(found) = extensions.filter(|_| !guarded) {
                let receiver = receiver.clone().borrowed();
                return Dispatch::Done(self.call_local(&found, Some(receiver), args, expr.span));
            }
            let mut value = Value::unknown();
            let hold = guarded.then_some(Hold { library: Some(pool.library), ..TRANSACTION });
            self.take_args(args, &[], hold, &mut value);
            value.works = vec![direct(AwaitKind::Connection, expr.span)];
            value.future = Future::Plain;
            value.head = Some(name);
            return Dispatch::Done(value);
        };
        let mut value = Value::unknown();
        self.take_args(args, &[], None, &mut value);
        value.guards.clear();
        value.head = Some(name);
        match returns {
            Returns::Guard(found) => {
                value.ty = wrapped("Result", &Type::Lib(found));
                value.works = vec![direct(AwaitKind::Connection, expr.span)];
                value.future = Future::Takes;
                value.begins_pool = found.role == Role::Transaction;
            }
            Returns::Stream => {
                value.ty = Type::PoolStream;
                value.works = vec![direct(AwaitKind::Connection, expr.span)];
                value.future = Future::Takes;
            }
            Returns::Receiver => return Dispatch::Done(receiver.clone()),
            Returns::Detached => {
                value.works = vec![direct(AwaitKind::Connection, expr.span)];
            }
            Returns::Plain => {
                value.ty = Type::Unit;
                value.works = vec![direct(AwaitKind::Unknown, expr.span)];
            }
        }
        Dispatch::Done(value)
    }

    fn guard_method(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        receiver_expr: &Expr,
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
        if let Some(extension) = self.types.index.extensions.get(&name).filter(|_| !own).cloned() {
            let receiver = receiver.clone().borrowed();
            return self.call_local(&extension, Some(receiver), args, expr.span);
        }
        let in_transaction = closure
            && matches!(
                name.as_str(),
                "transaction"
                    | "transaction_with_config"
                    | "test_transaction"
                    | "run"
                    | "immediate_transaction"
                    | "exclusive_transaction"
            );
        let guarded =
            in_transaction.then_some(Hold { library: Some(guard.library), ..TRANSACTION });
        let mut value = match receiver_expr.kind {
            Kind::Path(_) | Kind::Field { .. } | Kind::Deref(_) => receiver.clone().borrowed(),
            _ => receiver.clone().borrowed(),
        };
        value.ty = Type::Unknown;
        value.future = Future::Plain;
        value.works = vec![direct(AwaitKind::Connection, expr.span)];
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

    fn stream_method(
        &mut self,
        expr: &Expr,
        receiver: &Value,
        receiver_expr: &Expr,
        name: Ustr,
        args: &[Expr],
    ) -> Value {
        let looks = matches!(
            name.as_str(),
            "next" | "try_next" | "by_ref" | "as_mut" | "peek" | "select_next_some" | "size_hint"
        );
        let _ = receiver_expr;
        let mut value = match looks {
            true => receiver.clone().borrowed(),
            false => {
                self.take_out(receiver);
                receiver.clone()
            }
        };
        let held: Vec<GuardId> = value.guards.iter().map(|(guard, _)| *guard).collect();
        self.force(&held, |walker| {
            walker.take_args(args, &[], None, &mut value);
        });
        value.head = Some(name);
        value.works = vec![direct(AwaitKind::Connection, expr.span)];
        value.future = Future::Plain;
        let finishes = matches!(
            name.as_str(),
            "collect"
                | "try_collect"
                | "for_each"
                | "try_for_each"
                | "fold"
                | "try_fold"
                | "count"
                | "concat"
                | "try_concat"
                | "forward"
                | "next"
                | "try_next"
                | "all"
                | "any"
                | "for_each_concurrent"
                | "try_for_each_concurrent"
                | "peek"
                | "select_next_some"
        );
        value.ty = match name.as_str() {
            "by_ref" | "as_mut" => Type::Ref(Arc::new(Type::PoolStream)),
            _ if finishes => Type::External { name: Ustr::from("Rows"), args: Arc::from([]) },
            _ => Type::PoolStream,
        };
        if !finishes {
            value.future = Future::No;
            value.works.clear();
        }
        value
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a method call")]
    fn unknown_method(
        &mut self,
        expr: &Expr,
        receiver: Value,
        receiver_expr: &Expr,
        name: Ustr,
        name_span: Span,
        turbofish: &[Ty],
        args: &[Expr],
    ) -> Value {
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
            value.works = vec![direct(AwaitKind::Connection, expr.span)];
            value.future = Future::Takes;
            return value;
        }
        if let Some(value) = self.locked(&receiver, name, expr.span) {
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
            && (matches!(name.as_str(), "transaction" | "transaction_with_config")
                || (name == "run"
                    && receiver.head.is_some_and(|head| head == "build_transaction"))
                || (name == "run" && !receiver.guards.is_empty()));
        if !in_transaction && let Some(found) = self.by_name(&receiver, name, args.len(), unknown) {
            let taken = self.as_receiver(&receiver, receiver_expr, &found);
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
        let guarded = in_transaction.then_some(TRANSACTION);
        let outer = self.may_block;
        self.may_block |= name == "interact";
        let parts = self.take_args(args, &[], guarded, &mut value);
        self.may_block = outer;
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
        let pool = parts.iter().any(|part| self.types.pool(&part.ty).is_some());
        if pool && matches!(name.as_str(), "fetch" | "fetch_many" | "stream") {
            return self.pool_stream(name, expr.span);
        }
        let mut kind = awaits::method(&receiver.ty, &name, args.len(), &text);
        if pool {
            kind = AwaitKind::Connection;
        }
        let inner = works_of(&parts);
        value.works = match kind {
            AwaitKind::Unknown if !inner.is_empty() => inner,
            AwaitKind::Unknown
                if !receiver.works.is_empty() && receiver.future == Future::Plain =>
            {
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

    /// `mutex.lock()` around a client or a connection: whoever locks it holds it.
    fn locked(&mut self, receiver: &Value, name: Ustr, span: Span) -> Option<Value> {
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
        value.works = vec![direct(AwaitKind::Lock, span)];
        value.future = Future::Takes;
        Some(value)
    }

    /// `ctx.data::<Arc<Mutex<Transaction>>>()`: the type is written in the call.
    fn by_turbofish(
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
        if self.types.pool(&ty).is_some() {
            return Some(Value::of(wrapped("Result", &ty)));
        }
        let hold = self.types.hold(&ty)?;
        if !hold.certain {
            return None;
        }
        let mut value = Value::of(ty);
        let guard = self.guard(hold, Origin::Closure, span);
        self.flow.hold(guard, super::flow::Holder::Temp);
        value.guards.push((guard, true));
        Some(value)
    }

    /// `query.fetch(&pool)`: the stream takes a connection and keeps it.
    fn pool_stream(&mut self, name: Ustr, span: Span) -> Value {
        let mut value = Value::of(Type::PoolStream);
        value.head = Some(name);
        value.works = vec![direct(AwaitKind::Connection, span)];
        if name == "stream" {
            value.future = Future::Takes;
            return value;
        }
        let hold = Hold { what: Held::Stream, owned: true, certain: true, library: None };
        let guard = self.guard(hold, Origin::Acquired, span);
        self.flow.hold(guard, super::flow::Holder::Temp);
        value.guards.push((guard, true));
        value
    }

    /// Methods that hand on what they are called on: of options, results, futures and pointers.
    fn adapter(
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
            "get_or_init" | "get_or_try_init" | "force" => {
                value.ty = ok_inner(&receiver.ty);
                let parts = self.take_args(args, &[], None, &mut value);
                value.works = works_of(&parts);
            }
            "clone" | "cloned" | "to_owned" | "copied" if args.is_empty() => {
                value = value.borrowed();
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
            _ => return None,
        }
        value.failure = false;
        Some(value)
    }

    /// `option.map(|x| ..)`, `stream.then(|x| async ..)`, `future.and_then(..)`, `iter.map(..)`.
    fn combinator(
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
        let held: Vec<GuardId> = receiver
            .guards
            .iter()
            .map(|(guard, _)| *guard)
            .filter(|guard| self.facts.guards[guard.0].what == Held::Stream)
            .collect();
        let item = ok_type(unwrapped(&receiver.ty));
        let hint = Type::Callable { inputs: Arc::from([item]), output: Arc::new(Type::Unknown) };
        let mut given = Value::unknown();
        let parts = self.force(&held, |walker| walker.take_args(args, &[hint], None, &mut given));
        value.carry(&given);
        parts.iter().for_each(|part| value.wait_for(part));
        value.ty = match name.as_str() {
            "filter" | "take_while" | "skip" | "collect" | "try_collect" => receiver.ty.clone(),
            _ => Type::Unknown,
        };
        if value.works.is_empty() {
            let text = AwaitKind::Unknown;
            value.works = vec![direct(text, span)];
        }
        value.head = Some(name);
        value
    }

    /// Recognises a pool by its name where its type is not known.
    fn guessed(
        &mut self,
        receiver: &Value,
        text: &str,
        name: Ustr,
        args: &[Expr],
        span: Span,
    ) -> Option<Value> {
        let foreign = match unwrapped(&receiver.ty) {
            Type::Unknown => true,
            Type::External { name, .. } => ["DbPool", "PgPool", "ConnectionPool", "PostgresPool"]
                .iter()
                .any(|word| name.contains(word)),
            _ => false,
        };
        if !foreign || args.len() > 1 {
            return None;
        }
        let last = text.rsplit(['.', ':']).next().unwrap_or(text);
        let pool = last.to_ascii_lowercase().contains("pool");
        let database = pool || matches!(last, "db" | "database" | "pg" | "postgres" | "sqlite");
        let (role, library) = match name.as_str() {
            "begin" if database => (Role::Transaction, Library::Sqlx),
            "acquire" if pool => (Role::Connection, Library::Sqlx),
            "get" | "get_owned" if pool && args.is_empty() => (Role::Connection, Library::Deadpool),
            _ => return None,
        };
        if last.to_ascii_lowercase().contains("thread") || last.to_ascii_lowercase().contains("sem")
        {
            return None;
        }
        self.take_args(args, &[], None, &mut Value::unknown());
        let mut value = Value::of(wrapped("Result", &Type::Lib(LibType { role, library })));
        value.works = vec![direct(AwaitKind::Connection, span)];
        value.future = Future::Takes;
        value.begins_pool = role == Role::Transaction;
        value.head = Some(name);
        Some(value)
    }

    /// Finds a method by its name alone, where the receiver's type is not known.
    fn by_name(
        &self,
        receiver: &Value,
        name: Ustr,
        args: usize,
        unknown: bool,
    ) -> Option<Vec<FnId>> {
        let index = self.types.index;
        if let Some(found) = index.extensions.get(&name) {
            let fits = |id: &&FnId| index.function(**id).item.params.len() == args;
            let found: Vec<FnId> = found.iter().filter(fits).copied().collect();
            if !found.is_empty() && !common(&name) {
                return Some(found);
            }
        }
        if !unknown || !receiver.guards.is_empty() || common(&name) {
            return None;
        }
        let found = index.by_name.get(&name)?;
        let fits = found.iter().all(|id| index.function(*id).item.params.len() == args);
        let own =
            found.iter().any(|id| std::ptr::eq(&raw const index.function(*id).item, self.function));
        (fits && !own && (found.len() == 1 || same_trait(index, found))).then(|| found.clone())
    }

    pub(super) fn on_blocking(&mut self, span: Span, subject: Span) {
        if self.may_block {
            return;
        }
        let open: Vec<GuardId> = self.flow.alive.keys().copied().collect();
        let certain = open.iter().rev().find(|guard| self.facts.guards[guard.0].certain);
        if let Some(guard) = certain.or(open.last()).copied() {
            self.report(Code::Sa004, guard, span, subject);
        }
    }
}

/// What `tokio_postgres::connect` gives: a client, and the future that drives it.
fn opened_client() -> Type {
    let client = LibType { role: Role::Connection, library: Library::TokioPostgres };
    let pair = Type::Tuple(Arc::from([Type::Lib(client), external("Driver")]));
    wrapped("Result", &pair)
}

enum Dispatch {
    Done(Value),
    /// Look again, at this type.
    Into(Type),
    None,
}

const TRANSACTION: Hold =
    Hold { what: Held::Transaction, owned: false, certain: true, library: None };

fn direct(kind: AwaitKind, span: Span) -> Work {
    Work { kind: WorkKind::Direct(kind), span }
}

/// Returns what waits in arguments that are futures, or closures that make some.
fn works_of(parts: &[Value]) -> Vec<Work> {
    let futures = parts.iter().filter(|part| part.future != Future::No);
    futures.flat_map(|part| part.works.clone()).collect()
}

/// Returns true if a variable with a guard is given as it is, not by `&` or `&mut`.
fn hands_over(args: &[Expr], parts: &[Value]) -> bool {
    args.iter().zip(parts).any(|(arg, part)| {
        matches!(arg.kind, Kind::Path(_) | Kind::Field { .. }) && !part.guards.is_empty()
    })
}

fn external(name: &str) -> Type {
    Type::External { name: Ustr::from(name), args: Arc::from([]) }
}

fn wrapped(name: &str, ty: &Type) -> Type {
    Type::External { name: Ustr::from(name), args: Arc::from([ty.clone()]) }
}

/// Returns the type inside of a mutex, also behind pointers.
fn locked_type(ty: &Type) -> Option<Type> {
    match ty {
        Type::Ref(inner) => locked_type(inner),
        Type::External { name, args } => match name.as_str() {
            "Mutex" | "RwLock" => args.first().cloned(),
            name if transparent(name) => locked_type(args.first()?),
            _ => None,
        },
        _ => None,
    }
}

fn ok_inner(ty: &Type) -> Type {
    match ty {
        Type::Ref(inner) => ok_inner(inner),
        Type::External { name, args } if transparent(name) => {
            args.first().cloned().unwrap_or(Type::Unknown)
        }
        ty => ty.clone(),
    }
}

fn output_of(ty: &Type) -> Type {
    match ty {
        Type::Ref(inner) => output_of(inner),
        Type::External { args, .. } => args.first().map_or(Type::Unknown, output_of),
        Type::Callable { output, .. } => (**output).clone(),
        _ => Type::Unknown,
    }
}

/// Returns true if calling a function gives a future.
pub(crate) fn is_pending(function: &crate::syntax::Function) -> bool {
    if function.is_async {
        return true;
    }
    function.ret.as_ref().is_some_and(is_future)
}

fn is_future(ty: &Ty) -> bool {
    match ty {
        Ty::Path(path) => match path.last().as_str() {
            "BoxFuture" | "LocalBoxFuture" | "ScopedBoxFuture" => true,
            "Pin" | "Box" => path.args.iter().any(is_future),
            last => last.ends_with("Future") || last.ends_with("Fut"),
        },
        Ty::Impl(bounds) | Ty::Dyn(bounds) => bounds.iter().any(|bound| bound.last() == "Future"),
        _ => false,
    }
}

/// Returns true for pointers and extractors, whose methods are those of what they point to.
fn derefs(name: &str) -> bool {
    matches!(
        name,
        "Arc"
            | "Rc"
            | "Box"
            | "State"
            | "Data"
            | "Extension"
            | "MutexGuard"
            | "OwnedMutexGuard"
            | "RwLockReadGuard"
            | "RwLockWriteGuard"
            | "Ref"
            | "RefMut"
            | "Pin"
            | "LazyLock"
            | "Lazy"
            | "Cow"
            | "ManuallyDrop"
            | "AssertUnwindSafe"
            | "Inject"
            | "ThinData"
            | "ReqData"
            | "Depends"
    )
}

/// Names that many types share.
fn common(name: &str) -> bool {
    matches!(
        name,
        "new"
            | "get"
            | "set"
            | "send"
            | "run"
            | "next"
            | "call"
            | "len"
            | "push"
            | "insert"
            | "remove"
            | "execute"
            | "query"
            | "load"
            | "save"
            | "find"
            | "create"
            | "update"
            | "delete"
            | "start"
            | "stop"
            | "close"
            | "open"
            | "read"
            | "write"
            | "recv"
            | "lock"
            | "map"
            | "filter"
            | "text"
            | "json"
            | "bytes"
            | "build"
            | "connect"
            | "status"
            | "handle"
            | "process"
            | "fetch"
            | "list"
            | "add"
            | "count"
            | "all"
            | "one"
            | "exec"
            | "first"
            | "begin"
            | "commit"
            | "rollback"
            | "wait"
            | "join"
            | "body"
            | "headers"
            | "name"
            | "id"
            | "fetch_one"
            | "fetch_all"
            | "fetch_optional"
            | "get_result"
            | "to_string"
            | "poll"
            | "flush"
            | "shutdown"
            | "ready"
            | "with"
            | "apply"
            | "check"
    )
}

fn same_trait(index: &crate::index::Index, found: &[FnId]) -> bool {
    use crate::index::FnOwner;
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

/// Returns an expression's names as text: `self.client.post(`.
fn source_words(expr: &Expr) -> String {
    match &expr.kind {
        Kind::Path(path) => path.names.iter().map(Ustr::as_str).collect::<Vec<_>>().join("::"),
        Kind::Field { base, name } => format!("{}.{name}", source_words(base)),
        Kind::Method { receiver, name, args, .. } => match args.is_empty() {
            true => format!("{}.{name}", source_words(receiver)),
            false => format!("{}.{name}(", source_words(receiver)),
        },
        Kind::Call { func, .. } => source_words(func),
        Kind::Await { base, .. } => source_words(base),
        Kind::Try(inner) | Kind::Deref(inner) | Kind::Ref { expr: inner } => source_words(inner),
        Kind::Index { base, .. } => source_words(base),
        _ => String::new(),
    }
}
