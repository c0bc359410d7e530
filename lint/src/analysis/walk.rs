//! Goes through a function's body in the order it runs, with the guards that are alive.

use std::collections::HashSet;

use ustr::Ustr;

use super::flow::{Alive, Flow, Frame, Holder};
use super::value::{AwaitKind, BindId, Future, Guard, GuardId, Origin, Value, Work, WorkKind};
use crate::findings::Code;
use crate::index::FnId;
use crate::syntax::visit::{each, each_in_block};
use crate::syntax::{
    Arm, Block, Branch, Expr, Function, Kind, MacroCall, MacroContent, Pat, Span, Stmt, Ty,
};
use crate::types::{Held, Hold, Scope, Type, Types};

/// A possible finding of one function.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub rule: Rule,
    pub guard: GuardId,
    /// The token that the finding points to.
    pub span: Span,
    /// What is awaited or called there.
    pub subject: Span,
    pub works: Vec<Work>,
}

/// Why it may be a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An await that is not given the guard; `in_scrutinee` if a `match` keeps it alive.
    Await { in_scrutinee: bool },
    /// As an await, of one of several futures.
    Join,
    /// A code that needs nothing more to be known.
    Fixed(Code),
}

/// A call that passes guards on.
#[derive(Clone, Debug)]
pub(crate) struct Edge {
    pub callee: FnId,
    /// The parameter's position; none for `self`.
    pub param: Option<usize>,
    /// The guard of the caller.
    pub guard: GuardId,
    pub span: Span,
}

/// What is known of a function after its body was read.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub guards: Vec<Guard>,
    pub candidates: Vec<Candidate>,
    pub edges: Vec<Edge>,
    /// What it awaits that is not its own guard.
    pub works: Vec<Work>,
}

#[derive(Debug)]
pub(super) struct Binding {
    pub name: Ustr,
    pub value: Value,
    pub visible: bool,
}

pub(super) struct Walker<'a> {
    pub types: &'a Types<'a>,
    pub scope: Scope<'a>,
    pub function: &'a Function,
    pub old_scrutinees: bool,
    pub facts: Facts,
    pub bindings: Vec<Binding>,
    pub flow: Flow,
    pub frames: Vec<Frame>,
    /// True inside of closures that run on a thread of their own.
    pub may_block: bool,
    /// True inside of tasks, whose awaits the function does not wait for.
    pub detached: bool,
    /// True inside of closures and async blocks, where `return` does not leave the function.
    pub nested: usize,
    /// Works of the closures and async blocks that are being read.
    pub inner_works: Vec<Vec<Work>>,
    /// Guards that are alive in every block of the closures that are being read.
    forced: Vec<GuardId>,
    /// Guards in `unfold`ed streams, to be reported if nothing closer to the response is.
    pub unfolded: Vec<(GuardId, Span)>,
    seen: HashSet<(Code, Span, GuardId)>,
    seen_awaits: HashSet<(Span, GuardId)>,
    awaiting: bool,
}

/// Reads one function.
pub(crate) fn walk<'a>(types: &'a Types<'a>, id: FnId, old_scrutinees: bool) -> Facts {
    let info = types.index.function(id);
    let Some(body) = &info.item.body else { return Facts::default() };
    let mut walker = Walker {
        types,
        scope: types.scope(id),
        function: &info.item,
        old_scrutinees,
        facts: Facts::default(),
        bindings: Vec::new(),
        flow: Flow::new(),
        frames: Vec::new(),
        may_block: false,
        detached: false,
        nested: 0,
        inner_works: Vec::new(),
        forced: Vec::new(),
        unfolded: Vec::new(),
        seen: HashSet::new(),
        seen_awaits: HashSet::new(),
        awaiting: false,
    };
    walker.receive(body);
    let value = walker.body(body);
    walker.leave_function(&value);
    walker.facts
}

impl<'a> Walker<'a> {
    // ---- parameters

    fn receive(&mut self, body: &Block) {
        if self.function.receiver.is_some() {
            self.receive_self(body);
        }
        for (position, param) in self.function.params.iter().enumerate() {
            let ty = self.types.read(&param.ty, &self.scope);
            let mut value = Value::of(ty.clone());
            let hold = self.types.hold(&ty).or_else(|| generic_hold(&ty));
            if let Some(hold) = hold {
                let origin = match hold.owned && self.is_extractor(&ty) {
                    true => Origin::Extractor,
                    false => Origin::Param(position),
                };
                let guard = self.guard(hold, origin, param.span);
                let name = first_name(&param.pat);
                self.facts.guards[guard.0].name = name;
                let filled_here = self.types.is_optional(&ty)
                    && name.is_some_and(|name| assigns_field(body, name));
                if !filled_here {
                    self.flow.hold(guard, Holder::Caller);
                }
                value.guards.push((guard, hold.owned));
            }
            let first = self.bindings.len();
            self.bind(&param.pat, value, false);
            // An owned parameter is held by its variable, so that a move ends it.
            for at in first..self.bindings.len() {
                let mut owned: Vec<GuardId> = self.bindings[at].value.owned().collect();
                owned.retain(|guard| self.flow.alive.contains_key(guard));
                for guard in owned {
                    self.flow.hold(guard, Holder::Binding(BindId(at)));
                }
            }
        }
        self.body_after_guard();
    }

    fn receive_self(&mut self, body: &Block) {
        let ty = self.types.self_type(&self.scope);
        let mut value = Value::of(ty.clone());
        let by_value = self.function.receiver.as_ref().is_some_and(|receiver| !receiver.by_ref);
        if let Some(hold) = self.types.hold(&ty) {
            let filled_here =
                self.types.is_optional(&ty) && assigns_field(body, Ustr::from("self"));
            let hold = Hold { owned: by_value, ..hold };
            let guard = self.guard(hold, Origin::SelfParam, self.function.name_span);
            self.facts.guards[guard.0].name = Some(Ustr::from("self"));
            if !filled_here {
                self.flow.hold(guard, Holder::Caller);
            }
            value.guards.push((guard, by_value));
        }
        self.bindings.push(Binding { name: Ustr::from("self"), value, visible: true });
    }

    fn is_extractor(&self, ty: &Type) -> bool {
        match ty {
            Type::Local(id, _) => ["FromRequest", "FromRequestParts"]
                .iter()
                .any(|name| self.types.index.implements(*id, name)),
            Type::Lib(_) => self.function.attrs.iter().any(|attr| is_route(&attr.path)),
            _ => false,
        }
    }

    /// Reports an extractor's guard in front of a parameter that reads the request's body.
    fn body_after_guard(&mut self) {
        let reads_body = |ty: &Ty| {
            let Ty::Path(path) = ty else { return false };
            matches!(
                path.last().as_str(),
                "Json"
                    | "Form"
                    | "Bytes"
                    | "Multipart"
                    | "Body"
                    | "Request"
                    | "JsonBody"
                    | "Payload"
            )
        };
        let params = &self.function.params;
        for guard in 0..self.facts.guards.len() {
            if self.facts.guards[guard].origin != Origin::Extractor {
                continue;
            }
            let span = self.facts.guards[guard].span;
            let body = params.iter().find(|param| param.span.lo > span.lo && reads_body(&param.ty));
            if let Some(body) = body {
                let subject = body.span;
                self.report(Code::Sa006, GuardId(guard), span, subject);
            }
        }
    }

    // ---- guards

    pub(super) fn guard(&mut self, hold: Hold, origin: Origin, span: Span) -> GuardId {
        let id = GuardId(self.facts.guards.len());
        self.facts.guards.push(Guard {
            what: hold.what,
            origin,
            span,
            name: None,
            parents: Vec::new(),
            certain: hold.certain,
            opened: false,
            wrapped: false,
            guessed: false,
            library: hold.library,
            ended: false,
        });
        id
    }

    pub(super) fn report(&mut self, code: Code, guard: GuardId, span: Span, subject: Span) {
        if self.seen.insert((code, span, guard)) {
            let rule = Rule::Fixed(code);
            self.facts.candidates.push(Candidate { rule, guard, span, subject, works: Vec::new() });
        }
    }

    /// Returns true if one guard borrows from the other, over any number of steps.
    fn descends(&self, guard: GuardId, from: GuardId) -> bool {
        guard == from
            || self.facts.guards[guard.0].parents.iter().any(|parent| self.descends(*parent, from))
    }

    fn given(&self, value: &Value, guard: GuardId) -> bool {
        value
            .guards
            .iter()
            .any(|(carried, _)| self.descends(*carried, guard) || self.descends(guard, *carried))
    }

    /// Sees an await: reports guards that it is not given, and ends those that it takes.
    pub(super) fn on_await(&mut self, value: &Value, span: Span, subject: Span) {
        if !self.flow.reachable {
            return;
        }
        let any_given = value.guards.iter().any(|(guard, _)| {
            let known = &self.facts.guards[guard.0];
            self.flow.alive.contains_key(guard) && (known.certain || known.library.is_some())
        });
        let works = match value.works.is_empty() {
            true => vec![Work { kind: WorkKind::Direct(AwaitKind::Unknown), span: subject }],
            false => value.works.clone(),
        };
        if any_given {
            let dirty = value.writes || writes_by_name(value.head);
            for (guard, _) in &value.guards {
                if let Some(alive) = self.flow.alive.get_mut(guard) {
                    alive.dirty |= dirty;
                }
            }
        } else {
            let open: Vec<(GuardId, Holder)> =
                self.flow.alive.iter().map(|(guard, alive)| (*guard, alive.holder)).collect();
            let missed: Vec<(GuardId, Holder)> =
                open.into_iter().filter(|(guard, _)| !self.given(value, *guard)).collect();
            let missed = if self.function.name == "main" { Vec::new() } else { missed };
            for (guard, holder) in self.to_report(&missed) {
                let in_scrutinee = holder == Holder::Scrutinee;
                if self.seen_awaits.insert((span, guard)) {
                    self.facts.candidates.push(Candidate {
                        rule: Rule::Await { in_scrutinee },
                        guard,
                        span,
                        subject,
                        works: works.clone(),
                    });
                }
            }
        }
        if any_given {
            return;
        }
        if let Some(inner) = self.inner_works.last_mut() {
            inner.extend(works.clone());
        }
        if !self.detached {
            self.facts.works.extend(works);
        }
    }

    /// Returns the guards that a finding may name: the youngest certain one, or all that callers may pass.
    fn to_report(&self, open: &[(GuardId, Holder)]) -> Vec<(GuardId, Holder)> {
        let certain = open.iter().rev().find(|(guard, _)| self.facts.guards[guard.0].certain);
        match certain {
            Some(certain) => vec![*certain],
            None => open.to_vec(),
        }
    }

    /// Marks guards that a value owns as taken out of their variables.
    pub(super) fn take_out(&mut self, value: &Value) {
        for guard in value.owned() {
            if let Some(alive) = self.flow.alive.get_mut(&guard)
                && alive.holder != Holder::Scrutinee
            {
                alive.holder = Holder::Temp;
            }
        }
    }

    pub(super) fn end_owned(&mut self, value: &Value) {
        let owned: Vec<GuardId> = value.owned().collect();
        for guard in owned {
            self.end_with_parents(guard);
        }
    }

    pub(super) fn end_with_parents(&mut self, guard: GuardId) {
        self.facts.guards[guard.0].ended = true;
        self.flow.end(guard);
    }

    fn end_temps(&mut self, before: &Flow) {
        let over: Vec<GuardId> = self
            .flow
            .alive
            .iter()
            .filter(|(guard, alive)| {
                alive.holder == Holder::Temp
                    && before.alive.get(guard).is_none_or(|old| old.holder != Holder::Temp)
            })
            .map(|(guard, _)| *guard)
            .collect();
        for guard in over {
            self.flow.end(guard);
        }
    }

    // ---- blocks and statements

    fn body(&mut self, body: &Block) -> Value {
        self.block(body)
    }

    pub(super) fn block(&mut self, block: &Block) -> Value {
        let first = self.bindings.len();
        let mut result = Value::of(Type::Unit);
        for (position, stmt) in block.stmts.iter().enumerate() {
            let last = position + 1 == block.stmts.len();
            match stmt {
                Stmt::Let { pat, ty, init, diverge, .. } => {
                    self.local(pat, ty.as_ref(), init.as_ref(), diverge.as_ref());
                }
                Stmt::Expr { expr, semi } => {
                    let before = self.flow.clone();
                    let value = self.value(expr);
                    if last && !semi {
                        result = value;
                    } else {
                        // A statement's value is dropped.
                        self.end_temps(&before);
                        if last {
                            result.failure = value.failure;
                        }
                    }
                }
            }
        }
        self.leave_scope(first, result.failure);
        result
    }

    fn local(
        &mut self,
        pat: &Pat,
        declared: Option<&Ty>,
        init: Option<&Expr>,
        diverge: Option<&Expr>,
    ) {
        let before = self.flow.clone();
        let mut value = match init {
            Some(init) => match pat {
                Pat::Wild => self.place(init),
                _ => self.value(init),
            },
            None => Value::unknown(),
        };
        if let Some(declared) = declared {
            let declared = self.types.read(declared, &self.scope);
            if !matches!(declared, Type::Unknown) {
                let holds = self.types.hold(&declared).is_some();
                let open = matches!(unwrapped(&declared), Type::Bounded(_) | Type::Callable { .. });
                if !holds && !open && value.future == Future::No && value.works.is_empty() {
                    value.guards.clear();
                }
                value.ty = declared;
            }
        }
        if let Some(diverge) = diverge {
            let entry = self.flow.clone();
            self.absent(pat, &value);
            self.value(diverge);
            self.flow = entry;
        }
        self.bind(pat, value, false);
        self.extend_borrowed_temps(init, &before);
        self.end_temps(&before);
    }

    /// `let x = &temporary;` keeps the temporary for the block.
    fn extend_borrowed_temps(&mut self, init: Option<&Expr>, before: &Flow) {
        let Some(Expr { kind: Kind::Ref { expr }, .. }) = init else { return };
        let mut expr = expr;
        while let Kind::Deref(inner) = &expr.kind {
            expr = inner;
        }
        if !matches!(expr.kind, Kind::Await { .. } | Kind::Try(_) | Kind::Method { .. }) {
            return;
        }
        let holder = Holder::Binding(BindId(self.bindings.len().saturating_sub(1)));
        for (guard, alive) in &mut self.flow.alive {
            if alive.holder == Holder::Temp && !before.alive.contains_key(guard) {
                alive.holder = holder;
            }
        }
    }

    /// Ends what the variables from `first` on hold.
    pub(super) fn leave_scope(&mut self, first: usize, failing: bool) {
        let over: Vec<(GuardId, Alive)> = self
            .flow
            .alive
            .iter()
            .filter(|(_, alive)| matches!(alive.holder, Holder::Binding(id) if id.0 >= first))
            .map(|(guard, alive)| (*guard, *alive))
            .collect();
        for (guard, alive) in over {
            self.unfinished(guard, alive, failing);
            self.flow.end(guard);
        }
        for binding in &mut self.bindings[first..] {
            binding.visible = false;
        }
    }

    /// Reports a transaction that a path leaves open.
    fn unfinished(&mut self, guard: GuardId, alive: Alive, failing: bool) {
        let known = &self.facts.guards[guard.0];
        let begun =
            known.origin == Origin::Acquired && known.what == Held::Transaction && !known.wrapped;
        if !begun || failing || alive.failing || !self.flow.reachable || self.function.test {
            return;
        }
        let span = known.span;
        self.report(Code::Sa005, guard, span, span);
    }

    fn leave_function(&mut self, value: &Value) {
        for (guard, span) in std::mem::take(&mut self.unfolded) {
            let reported = self.facts.candidates.iter().any(|candidate| {
                candidate.guard == guard && candidate.rule == Rule::Fixed(Code::Sa010)
            });
            if !reported {
                self.report(Code::Sa010, guard, span, span);
            }
        }
        let open: Vec<(GuardId, Alive)> = self
            .flow
            .alive
            .iter()
            .filter(|(guard, _)| !value.carries(**guard))
            .map(|(guard, alive)| (*guard, *alive))
            .collect();
        for (guard, alive) in open {
            if matches!(alive.holder, Holder::Binding(_)) {
                self.unfinished(guard, alive, value.failure);
            }
        }
    }

    // ---- patterns

    /// Binds a pattern's names. Guards go to the variables that can hold them.
    pub(super) fn bind(&mut self, pat: &Pat, value: Value, by_ref: bool) {
        match pat {
            Pat::Bind { name, by_ref: own_ref, sub, .. } => {
                self.bind_name(*name, value.clone(), by_ref || *own_ref);
                if let Some(sub) = sub {
                    self.bind(sub, value.borrowed(), true);
                }
            }
            Pat::Typed(inner, ty) => {
                let ty = self.types.read(ty, &self.scope);
                let ty = if matches!(ty, Type::Unknown) { value.ty.clone() } else { ty };
                self.bind(inner, Value { ty, ..value }, by_ref);
            }
            Pat::Ref(inner) => self.bind(inner, value, by_ref),
            Pat::Or(cases) => {
                for case in cases {
                    self.bind(case, value.clone(), by_ref);
                }
            }
            Pat::Tuple(elems) => {
                for (position, elem) in elems.iter().enumerate() {
                    let part = self.part(&value, position);
                    self.bind(elem, part, by_ref);
                }
            }
            Pat::TupleStruct { path, elems } => {
                let refs = by_ref || matches!(value.ty, Type::Ref(_));
                for (position, elem) in elems.iter().enumerate() {
                    let ty = self.inner_type(&value.ty, path, position);
                    let part = match value.parts.get(position) {
                        Some(part) => part.clone(),
                        None => self.narrowed(&value, ty, elems.len() > 1),
                    };
                    self.bind(elem, part, refs);
                }
            }
            Pat::Struct { path, fields } => {
                let refs = by_ref || matches!(value.ty, Type::Ref(_));
                for (name, field) in fields {
                    let ty = match self.types.field(&value.ty, *name) {
                        Type::Unknown => self.types.field_of_variant(&value.ty, path, *name),
                        ty => ty,
                    };
                    let part = self.narrowed(&value, ty, true);
                    self.bind(field, part, refs);
                }
            }
            Pat::Path(_) | Pat::Rest | Pat::Wild => {}
        }
    }

    fn part(&self, value: &Value, position: usize) -> Value {
        if let Some(part) = value.parts.get(position) {
            return part.clone();
        }
        let ty = match unwrapped(&value.ty) {
            Type::Tuple(types) => types.get(position).cloned().unwrap_or(Type::Unknown),
            _ => Type::Unknown,
        };
        self.narrowed(value, ty, true)
    }

    /// Returns a part of a value: with its guards, if its type may hold one.
    fn narrowed(&self, value: &Value, ty: Type, strict: bool) -> Value {
        let mut part = value.clone();
        part.parts.clear();
        let holds = self.types.hold(&ty).is_some();
        let known = !matches!(ty, Type::Unknown);
        if (known && !holds && !matches!(ty, Type::Bounded(_)))
            || (strict && !known && self.types.hold(&value.ty).is_some())
        {
            part.guards.clear();
        }
        part.ty = ty;
        part
    }

    /// Returns the type of a field of `Some(..)`, `Ok(..)`, `State(..)` or of a type of the workspace.
    fn inner_type(&self, ty: &Type, path: &[Ustr], position: usize) -> Type {
        let name = path.last().copied().unwrap_or_default();
        match ty {
            Type::Ref(inner) => self.inner_type(inner, path, position),
            Type::External { name: outer, args } => match (outer.as_str(), name.as_str()) {
                (_, "Err") => args.get(1).cloned().unwrap_or(Type::Unit),
                _ => args.first().cloned().unwrap_or(Type::Unknown),
            },
            Type::Local(id, args) => self.types.variant_field(*id, args, name, position),
            Type::Lib(_) | Type::PoolStream if name == "Err" => Type::Unit,
            Type::Lib(_) | Type::PoolStream => ty.clone(),
            _ if name == "Err" => Type::Unit,
            _ => Type::Unknown,
        }
    }

    fn bind_name(&mut self, name: Ustr, value: Value, by_ref: bool) {
        let id = BindId(self.bindings.len());
        let value = if by_ref { value.borrowed() } else { value };
        for guard in value.owned() {
            let held = self.flow.alive.get(&guard);
            if held.is_some_and(|alive| alive.holder != Holder::Caller) {
                self.flow.hold(guard, Holder::Binding(id));
                self.facts.guards[guard.0].name = Some(name);
            }
        }
        self.bindings.push(Binding { name, value, visible: true });
    }

    pub(super) fn lookup(&self, name: Ustr) -> Option<usize> {
        self.bindings.iter().rposition(|binding| binding.visible && binding.name == name)
    }

    /// Ends guards in a branch whose pattern says that there is none: `None` and `Err(..)`.
    fn absent(&mut self, pat: &Pat, value: &Value) {
        let none = match pat {
            Pat::Path(path) => path.last().is_some_and(|name| name == "None"),
            Pat::TupleStruct { path, .. } => path.last().is_some_and(|name| name == "Err"),
            _ => false,
        };
        if none || self.empty_variant(pat, &value.ty) {
            self.end_if_direct(value);
        }
    }

    /// Returns true for a variant of a workspace's enum that has no room for a guard.
    fn empty_variant(&self, pat: &Pat, ty: &Type) -> bool {
        let (Pat::TupleStruct { path, .. } | Pat::Struct { path, .. } | Pat::Path(path)) = pat
        else {
            return false;
        };
        let Type::Local(id, args) = unwrapped(ty) else { return false };
        let variant = path.last().copied().unwrap_or_default();
        if !self.types.has_variant(*id, variant) {
            return false;
        }
        !(0..8).any(|at| {
            let field = self.types.variant_field(*id, args, variant, at);
            self.types.hold(&field).is_some()
        })
    }

    /// Ends guards that are the value itself, and not something it was made with.
    fn end_if_direct(&mut self, value: &Value) {
        if self.types.hold(&value.ty).is_none() {
            return;
        }
        for (guard, _) in &value.guards {
            self.flow.end(*guard);
        }
    }

    /// As [`Walker::absent`], for the branch that is taken if a pattern does not match.
    fn absent_unless(&mut self, pat: &Pat, value: &Value) {
        let some = match pat {
            Pat::TupleStruct { path, .. } => {
                path.last().is_some_and(|name| name == "Some" || name == "Ok")
            }
            _ => false,
        };
        if some {
            self.end_if_direct(value);
        }
    }

    // ---- control flow

    fn condition(&mut self, cond: &Expr, binds: &mut Vec<(Pat, Value)>) {
        match &cond.kind {
            Kind::Let { pat, expr } => {
                let before = self.flow.clone();
                let value = self.place_or_value(expr);
                self.temps_to_scrutinee(&before);
                binds.push((pat.clone(), value));
                let (pat, value) = binds[binds.len() - 1].clone();
                self.bind_in_branch(&pat, value);
            }
            Kind::Binary { left, right, lazy: true } => {
                self.condition(left, binds);
                self.condition(right, binds);
            }
            Kind::Method { receiver, name, args, .. }
                if args.is_empty()
                    && matches!(name.as_str(), "is_none" | "is_some" | "is_err" | "is_ok") =>
            {
                let value = self.place(receiver);
                let none = ustr::ustr("None");
                let pat = match name.as_str() {
                    "is_none" | "is_err" => Pat::Path(vec![none]),
                    _ => Pat::TupleStruct { path: vec![ustr::ustr("Some")], elems: Vec::new() },
                };
                self.absent(&pat, &value);
                binds.push((pat, value));
            }
            _ => {
                let before = self.flow.clone();
                self.value(cond);
                self.end_temps(&before);
            }
        }
    }

    fn bind_in_branch(&mut self, pat: &Pat, value: Value) {
        self.absent(pat, &value);
        self.bind(pat, value, false);
    }

    fn temps_to_scrutinee(&mut self, before: &Flow) {
        for (guard, alive) in &mut self.flow.alive {
            if alive.holder == Holder::Temp && !before.alive.contains_key(guard) {
                alive.holder = Holder::Scrutinee;
            }
        }
    }

    fn end_scrutinee(&mut self, before: &Flow) {
        let over: Vec<GuardId> = self
            .flow
            .alive
            .iter()
            .filter(|(guard, alive)| {
                alive.holder == Holder::Scrutinee && !before.alive.contains_key(guard)
            })
            .map(|(guard, _)| *guard)
            .collect();
        for guard in over {
            self.flow.end(guard);
        }
    }

    fn if_expr(&mut self, cond: &Expr, then: &Block, otherwise: Option<&Expr>) -> Value {
        let first = self.bindings.len();
        let before = self.flow.clone();
        let mut binds = Vec::new();
        self.condition(cond, &mut binds);
        let mut other = self.flow.clone();
        for (guard, alive) in &before.alive {
            // What a pattern said is not there may be there in the other branch.
            if binds.iter().any(|(pat, value)| says_none(pat) && value.carries(*guard)) {
                other.alive.insert(*guard, *alive);
            }
        }
        // Guards that the pattern moved to its variables do not exist in the other branch.
        for alive in other.alive.values_mut() {
            if matches!(alive.holder, Holder::Binding(id) if id.0 >= first) {
                alive.holder = Holder::Scrutinee;
            }
        }
        let value = self.block(then);
        self.leave_scope(first, value.failure);
        let after_then = std::mem::replace(&mut self.flow, other);
        for (pat, value) in &binds {
            self.absent_unless(pat, value);
        }
        if !self.old_scrutinees {
            self.end_scrutinee(&before);
        }
        let mut result = match otherwise {
            Some(otherwise) => {
                let first = self.bindings.len();
                let value = self.value(otherwise);
                self.leave_scope(first, value.failure);
                value
            }
            None => Value::of(Type::Unit),
        };
        self.mark_failing(result.failure);
        let after_else = std::mem::replace(&mut self.flow, after_then);
        self.mark_failing(value.failure);
        let failure = match (self.flow.reachable, after_else.reachable) {
            (true, true) => value.failure && result.failure,
            (true, false) => value.failure,
            (false, _) => result.failure,
        };
        self.flow.join(after_else);
        self.end_scrutinee(&before);
        merge(&mut result, value);
        result.failure = failure;
        result
    }

    fn mark_failing(&mut self, failure: bool) {
        if failure {
            self.flow.alive.values_mut().for_each(|alive| alive.failing = true);
        }
    }

    fn match_expr(&mut self, scrutinee: &Expr, arms: &[Arm]) -> Value {
        let before = self.flow.clone();
        let value = self.place_or_value(scrutinee);
        self.temps_to_scrutinee(&before);
        let entry = self.flow.clone();
        let mut exit = Flow::dead();
        let mut result: Option<Value> = None;
        for arm in arms {
            self.flow = entry.clone();
            let first = self.bindings.len();
            self.bind_in_branch(&arm.pat, value.clone());
            if let Some(guard) = &arm.guard {
                let before = self.flow.clone();
                self.value(guard);
                self.end_temps(&before);
            }
            let given = self.value(&arm.body);
            self.leave_scope(first, given.failure);
            self.mark_failing(given.failure);
            let reachable = self.flow.reachable;
            exit.join(std::mem::replace(&mut self.flow, Flow::dead()));
            match &mut result {
                Some(result) if reachable => {
                    let failure = result.failure && given.failure;
                    merge(result, given);
                    result.failure = failure;
                }
                None if reachable => result = Some(given),
                _ => {}
            }
        }
        self.flow = exit;
        self.end_scrutinee(&before);
        result.unwrap_or_else(Value::unknown)
    }

    fn loop_expr(&mut self, label: Option<Ustr>, mut once: impl FnMut(&mut Self) -> bool) -> Value {
        let entry = self.flow.clone();
        // Twice, so that what the first round leaves behind meets the second.
        let mut exit = Flow::dead();
        let mut result = None;
        let mut start = entry;
        for _ in 0..2 {
            self.flow = start.clone();
            self.frames.push(Frame {
                label,
                is_loop: true,
                breaks: Flow::dead(),
                continues: Flow::dead(),
                bindings: self.bindings.len(),
                value: None,
            });
            let before = self.flow.clone();
            let first = self.bindings.len();
            let may_end = once(self);
            self.leave_scope(first, true);
            self.end_scrutinee(&before);
            let frame = self.frames.pop();
            if let Some(frame) = frame {
                self.flow.join(frame.continues);
                exit.join(frame.breaks);
                result = frame.value.or(result);
            }
            if may_end {
                exit.join(start.clone());
                exit.join(self.flow.clone());
            }
            start.join(self.flow.clone());
        }
        self.flow = exit;
        result.unwrap_or_else(Value::unknown)
    }

    fn jump(&mut self, label: Option<Ustr>, continues: bool, value: Option<Value>) {
        let target = self.frames.iter().rposition(|frame| match label {
            Some(label) => frame.label == Some(label),
            None => frame.is_loop,
        });
        if let Some(target) = target {
            let bindings = self.frames[target].bindings;
            if continues {
                self.leave_open(bindings);
            }
            let mut flow = self.flow.clone();
            flow.alive.retain(|guard, alive| match alive.holder {
                _ if value.as_ref().is_some_and(|value| value.carries(*guard)) => true,
                Holder::Binding(id) => id.0 < bindings,
                Holder::Temp => false,
                Holder::Scrutinee | Holder::Caller => true,
            });
            let frame = &mut self.frames[target];
            match continues {
                true => frame.continues.join(flow),
                false => frame.breaks.join(flow),
            }
            match (&mut frame.value, value) {
                (Some(known), Some(value)) => merge(known, value),
                (known @ None, value) => *known = value,
                (Some(_), None) => {}
            }
        }
        self.flow = Flow::dead();
    }

    /// Reports transactions of a loop's body that a `continue` leaves open.
    fn leave_open(&mut self, bindings: usize) {
        let open: Vec<(GuardId, Alive)> = self
            .flow
            .alive
            .iter()
            .filter(|(_, alive)| matches!(alive.holder, Holder::Binding(id) if id.0 >= bindings))
            .map(|(guard, alive)| (*guard, *alive))
            .collect();
        for (guard, alive) in open {
            if !alive.failing {
                self.unfinished(guard, alive, false);
            }
        }
    }

    fn return_expr(&mut self, value: Option<&Expr>) -> Value {
        let names_error = value.is_some_and(names_an_error);
        let value = value.map(|value| self.value(value));
        let mut value = value.unwrap_or_else(|| Value::of(Type::Unit));
        value.failure |= names_error;
        if self.nested == 0 {
            let open: Vec<(GuardId, Alive)> =
                self.flow.alive.iter().map(|(guard, alive)| (*guard, *alive)).collect();
            for (guard, alive) in open {
                if !value.carries(guard) && matches!(alive.holder, Holder::Binding(_)) {
                    self.unfinished(guard, alive, value.failure);
                }
            }
        }
        self.flow = Flow::dead();
        Value::unknown()
    }

    // ---- expressions

    /// Reads an expression whose value is used up: a variable named there is moved out of.
    pub(super) fn value(&mut self, expr: &Expr) -> Value {
        let value = self.expr(expr);
        let is_place = matches!(expr.kind, Kind::Path(_) | Kind::Field { .. });
        if is_place {
            if matches!(value.ty, Type::Ref(_)) {
                return value.borrowed();
            }
            self.take_out(&value);
        }
        value
    }

    /// Reads an expression that is only looked at.
    pub(super) fn place(&mut self, expr: &Expr) -> Value {
        let value = self.expr(expr);
        match expr.kind {
            Kind::Path(_) | Kind::Field { .. } | Kind::Index { .. } | Kind::Deref(_) => {
                value.borrowed()
            }
            _ => value,
        }
    }

    /// Reads a scrutinee: patterns move out of a variable if they bind by value.
    fn place_or_value(&mut self, expr: &Expr) -> Value {
        self.expr(expr)
    }

    pub(super) fn expr(&mut self, expr: &Expr) -> Value {
        match &expr.kind {
            Kind::Path(path) => self.path(path),
            Kind::Field { base, name } => self.field(base, *name),
            Kind::Index { base, index } => {
                self.value(index);
                let value = self.place(base);
                let ty = match unwrapped(&value.ty) {
                    Type::External { args, .. } => args.first().cloned().unwrap_or(Type::Unknown),
                    _ => Type::Unknown,
                };
                self.narrowed(&value, ty, false)
            }
            Kind::Call { func, args } => self.call(expr, func, args),
            Kind::Method { receiver, name, name_span, turbofish, args } => {
                self.method(expr, receiver, *name, *name_span, turbofish, args)
            }
            Kind::Await { base, token } => self.await_expr(base, *token),
            Kind::Try(inner) => {
                let mut value = self.value(inner);
                value.ty = ok_type(&value.ty);
                value
            }
            Kind::Ref { expr: inner } => {
                let value = self.place(inner);
                let ty = match &value.ty {
                    Type::Unknown => Type::Unknown,
                    ty => Type::Ref(std::sync::Arc::new(ty.clone())),
                };
                Value { ty, ..value.borrowed() }
            }
            Kind::Deref(inner) => {
                let value = self.place(inner);
                let ty = match &value.ty {
                    Type::Ref(inner) => (**inner).clone(),
                    ty => ty.clone(),
                };
                Value { ty, ..value }
            }
            Kind::Binary { left, right, lazy } => {
                let mut carried = self.value(left);
                let skipped = lazy.then(|| self.flow.clone());
                let right = self.value(right);
                carried.carry(&right);
                if let Some(skipped) = skipped {
                    self.flow.join(skipped);
                }
                Value::of(Type::Unit)
            }
            Kind::Assign { left, right } => self.assign(left, right),
            Kind::Block { block, label } => self.labelled_block(block, *label),
            Kind::Async { block, moves } => self.async_block(block, *moves),
            Kind::Closure { params, body, moves, .. } => {
                self.closure(params, body, *moves, &[], None)
            }
            Kind::If { cond, then, otherwise } => self.if_expr(cond, then, otherwise.as_deref()),
            Kind::Let { pat, expr: inner } => {
                let value = self.place_or_value(inner);
                self.bind_in_branch(pat, value);
                Value::of(Type::Unit)
            }
            Kind::Match { scrutinee, arms } => self.match_expr(scrutinee, arms),
            Kind::While { cond, body, label } => {
                self.loop_expr(*label, |walker| {
                    walker.condition(cond, &mut Vec::new());
                    walker.block(body);
                    true
                });
                Value::of(Type::Unit)
            }
            Kind::Loop { body, label } => self.loop_expr(*label, |walker| {
                walker.block(body);
                false
            }),
            Kind::For { pat, iter, body, label } => {
                let before = self.flow.clone();
                let iterated = self.value(iter);
                self.temps_to_scrutinee(&before);
                let item = self.item_of(&iterated);
                self.loop_expr(*label, |walker| {
                    walker.bind(pat, item.clone(), false);
                    walker.block(body);
                    true
                });
                self.end_scrutinee(&before);
                Value::of(Type::Unit)
            }
            Kind::Return(value) => self.return_expr(value.as_deref()),
            Kind::Break { label, value } => {
                let value = value.as_ref().map(|value| self.value(value));
                self.jump(*label, false, value);
                Value::unknown()
            }
            Kind::Continue { label } => {
                self.jump(*label, true, None);
                Value::unknown()
            }
            Kind::Struct { path, fields, rest } => self.struct_expr(path, fields, rest.as_deref()),
            Kind::Tuple(elems) => {
                let parts: Vec<Value> = elems.iter().map(|elem| self.value(elem)).collect();
                let types = parts.iter().map(|part| part.ty.clone()).collect();
                let mut value = Value::of(Type::Tuple(types));
                for part in &parts {
                    value.carry(part);
                    value.wait_for(part);
                }
                value.parts = parts;
                value
            }
            Kind::Array(elems) => {
                let mut value = Value::unknown();
                for elem in elems {
                    let part = self.value(elem);
                    value.carry(&part);
                    value.wait_for(&part);
                }
                value
            }
            Kind::Cast { expr: inner, ty } => {
                let value = self.value(inner);
                let ty = self.types.read(ty, &self.scope);
                Value { ty, ..value }
            }
            Kind::Lit(text) => {
                let mut value = Value::of(Type::Unit);
                value.writes = text.is_some_and(|text| writes_sql(&text));
                value
            }
            Kind::Macro(call) => self.macro_call(expr, call),
            Kind::Yield(value) => {
                if let Some(value) = value {
                    self.value(value);
                }
                self.on_yield(expr.span);
                Value::unknown()
            }
            Kind::Other(list) => {
                for inner in list {
                    self.value(inner);
                }
                Value::unknown()
            }
        }
    }

    fn item_of(&self, iterated: &Value) -> Value {
        let ty = match unwrapped(&iterated.ty) {
            Type::External { args, .. } => args.first().cloned().unwrap_or(Type::Unknown),
            _ => Type::Unknown,
        };
        let mut item = self.narrowed(iterated, ty, true).borrowed();
        item.works = iterated.works.clone();
        item
    }

    fn path(&mut self, path: &crate::syntax::TyPath) -> Value {
        if let [name] = path.names.as_slice()
            && let Some(at) = self.lookup(*name)
        {
            let mut value = self.bindings[at].value.clone();
            value.guards.retain(|(guard, _)| self.flow.alive.contains_key(guard));
            for (guard, owned) in &mut value.guards {
                let held = self.flow.alive.get(guard);
                *owned &= held.is_some_and(|alive| alive.holder == Holder::Binding(BindId(at)));
            }
            return value;
        }
        let mut value = match self.types.index.resolve(self.scope.module, &path.names) {
            Some(crate::index::Def::Static(id)) => {
                let info = &self.types.index.statics[id.0 as usize];
                let scope = Scope {
                    module: info.module,
                    generics: Vec::new(),
                    owner: crate::index::FnOwner::Free,
                };
                Value::of(self.types.read(&info.item.ty, &scope))
            }
            _ => Value::unknown(),
        };
        value.head = path.names.last().copied();
        value.failure = path.names.last().is_some_and(|name| name == "Err");
        value
    }

    fn field(&mut self, base: &Expr, name: Ustr) -> Value {
        let base = self.expr(base);
        if let (Type::Tuple(_), Ok(at)) = (&base.ty, name.parse::<usize>())
            && let Some(part) = base.parts.get(at)
        {
            return part.clone();
        }
        let ty = self.types.field(&base.ty, name);
        let mut part = base.clone();
        part.parts.clear();
        part.works.clear();
        let known = !matches!(ty, Type::Unknown);
        if known && self.types.hold(&ty).is_none() && !matches!(ty, Type::Bounded(_)) {
            part.guards.clear();
        }
        part.ty = ty;
        part
    }

    fn assign(&mut self, left: &Expr, right: &Expr) -> Value {
        let value = self.value(right);
        let target = root_of(left);
        let at = target.and_then(|name| self.lookup(name));
        let to_field = !matches!(left.kind, Kind::Path(_));
        if let Some(at) = at {
            let old: Vec<GuardId> = self.bindings[at].value.owned().collect();
            let holder = Holder::Binding(BindId(at));
            if !to_field {
                for guard in old {
                    if self.flow.alive.get(&guard).is_some_and(|alive| alive.holder == holder) {
                        self.flow.end(guard);
                    }
                }
            }
            let outlives = to_field
                && (matches!(self.bindings[at].value.ty, Type::Ref(_))
                    || self.bindings[at].name == "self");
            let holder = if outlives { Holder::Caller } else { holder };
            let new: Vec<GuardId> = value.owned().collect();
            for guard in new {
                self.flow.hold(guard, holder);
                self.facts.guards[guard.0].ended |= to_field;
            }
            if !to_field && !matches!(value.ty, Type::Unknown) {
                self.bindings[at].value.ty = value.ty.clone();
            }
            self.bindings[at].value.works = value.works.clone();
            self.bindings[at].value.carry(&value);
        } else {
            self.place(left);
            self.end_owned(&value);
        }
        Value::of(Type::Unit)
    }

    fn labelled_block(&mut self, block: &Block, label: Option<Ustr>) -> Value {
        let Some(label) = label else { return self.block(block) };
        self.frames.push(Frame {
            label: Some(label),
            is_loop: false,
            breaks: Flow::dead(),
            continues: Flow::dead(),
            bindings: self.bindings.len(),
            value: None,
        });
        let mut value = self.block(block);
        if let Some(frame) = self.frames.pop() {
            self.flow.join(frame.breaks);
            if let Some(broken) = frame.value {
                merge(&mut value, broken);
            }
        }
        value
    }

    fn struct_expr(
        &mut self,
        path: &crate::syntax::TyPath,
        fields: &[(Ustr, Expr)],
        rest: Option<&Expr>,
    ) -> Value {
        let ty = self.types.read(&Ty::Path(path.clone()), &self.scope);
        let mut value = Value::of(ty);
        for (_, field) in fields {
            let part = self.value(field);
            value.carry(&part);
            value.wait_for(&part);
        }
        if let Some(rest) = rest {
            let rest = self.value(rest);
            value.carry(&rest);
        }
        value
    }

    fn await_expr(&mut self, base: &Expr, token: Span) -> Value {
        let outer = std::mem::replace(&mut self.awaiting, true);
        let mut value = self.value(base);
        self.awaiting = outer;
        let vague = value
            .works
            .iter()
            .all(|work| matches!(work.kind, WorkKind::Direct(AwaitKind::Unknown)));
        if vague && matches!(base.kind, Kind::Path(_) | Kind::Field { .. } | Kind::Ref { .. }) {
            let name = root_of(base).unwrap_or_default();
            let kind = super::awaits::variable(&value.ty, &name);
            value.works = vec![Work { kind: WorkKind::Direct(kind), span: base.span }];
        }
        self.finish_await(value, token, base.span)
    }

    /// Awaits a value: sees what it holds up, and returns its output.
    pub(super) fn finish_await(&mut self, value: Value, token: Span, subject: Span) -> Value {
        self.on_await(&value, token, subject);
        let mut output = Value::of(value.ty.clone());
        output.head = value.head;
        match value.future {
            Future::Ends => {
                for (guard, _) in &value.guards {
                    self.end_with_parents(*guard);
                }
                return output;
            }
            Future::Takes => {
                if let Some(hold) = self.types.hold(&value.ty).filter(|hold| hold.owned) {
                    let carried: Vec<GuardId> = value.owned().collect();
                    if carried.is_empty() {
                        let guard = self.guard(hold, Origin::Acquired, token);
                        let parents = value.guards.iter().map(|(guard, _)| *guard).collect();
                        self.facts.guards[guard.0].parents = parents;
                        self.facts.guards[guard.0].wrapped = is_local(&value.ty);
                        self.facts.guards[guard.0].opened = value.opens;
                        self.facts.guards[guard.0].guessed = value.head == Some(Ustr::from("?"));
                        self.flow.hold(guard, Holder::Temp);
                        output.guards.push((guard, true));
                    } else {
                        output.guards = value.guards;
                    }
                    return output;
                }
            }
            Future::No | Future::Plain => {}
        }
        let hold = self.types.hold(&value.ty);
        // `lock.acquire(tx).await?` of an unknown type gives something that has the transaction in it.
        let hands_on = (value.handed || value.head.is_some_and(|head| hands_on_by_name(&head)))
            && matches!(ok_type(&value.ty), Type::Unknown)
            && !value.head.is_some_and(|head| crate::libraries::runs_statement(&head));
        let reads_on = value.head.is_some_and(|head| crate::libraries::gives_reader(&head));
        match hold {
            Some(_) => output.guards = value.guards.clone(),
            // What a connection gave may still read from it.
            None if hands_on => output.guards = value.guards.clone(),
            None if reads_on => output.guards = value.clone().borrowed().guards,
            None => {}
        }
        let kept: Vec<GuardId> = output.guards.iter().map(|(guard, _)| *guard).collect();
        let gone: Vec<GuardId> = value
            .owned()
            .filter(|guard| !kept.contains(guard))
            .filter(|guard| {
                let alive = self.flow.alive.get(guard);
                alive.is_some_and(|alive| alive.holder == Holder::Temp)
            })
            .collect();
        let moved = value.future == Future::Plain || matches!(value.future, Future::No);
        if moved {
            for guard in gone {
                // A temporary that was only borrowed lives until the statement ends.
                if self.facts.guards[guard.0].name.is_some() {
                    self.end_with_parents(guard);
                    output.guards.retain(|(kept, _)| *kept != guard);
                }
            }
        }
        output
    }

    fn on_yield(&mut self, span: Span) {
        let open: Vec<GuardId> = self.flow.alive.keys().copied().collect();
        let certain = open.iter().rev().find(|guard| self.facts.guards[guard.0].certain);
        if let Some(guard) = certain.or(open.last()).copied() {
            self.report(Code::Sa010, guard, span, span);
        }
    }

    // ---- closures, async blocks, macros

    pub(super) fn async_block(&mut self, block: &Block, moves: bool) -> Value {
        let names = names_in_block(block);
        self.isolated(&names, moves, |walker| walker.block(block))
    }

    /// Reads a closure. `hints` are the types of parameters that it does not declare; `guarded` makes its
    /// first parameter a guard.
    pub(super) fn closure(
        &mut self,
        params: &[(Pat, Option<Ty>)],
        body: &Expr,
        moves: bool,
        hints: &[Type],
        guarded: Option<Hold>,
    ) -> Value {
        let mut names = HashSet::new();
        each(body, &mut |inner| collect_name(inner, &mut names));
        let waits = is_async_inside(body);
        let read = |walker: &mut Self| {
            let mut forced = Vec::new();
            for (position, (pat, declared)) in params.iter().enumerate() {
                let ty = match declared {
                    Some(ty) => walker.types.read(ty, &walker.scope),
                    None => hints.get(position).cloned().unwrap_or(Type::Unknown),
                };
                let mut value = Value::of(ty.clone());
                let by_type = walker.types.hold(&ty);
                let hold = match guarded {
                    Some(hold) if position == 0 && !matches!(pat, Pat::Wild) => {
                        Some(by_type.unwrap_or(hold))
                    }
                    Some(hold) if position == 0 => Some(hold),
                    _ => by_type,
                };
                if let Some(hold) = hold {
                    let span = first_span(pat).unwrap_or(body.span);
                    let guard = walker.guard(hold, Origin::Closure, span);
                    walker.facts.guards[guard.0].name = first_name(pat);
                    walker.flow.hold(guard, Holder::Caller);
                    value.guards.push((guard, false));
                    forced.push(guard);
                }
                walker.bind(pat, value, false);
            }
            walker.forced.extend(&forced);
            let value = walker.value(body);
            for guard in &forced {
                walker.flow.end(*guard);
            }
            let left = walker.forced.len() - forced.len();
            walker.forced.truncate(left);
            value
        };
        match waits || guarded.is_some() {
            true => callable(self.isolated(&names, moves, read)),
            // It runs where it stands, or never.
            false => {
                let first = self.bindings.len();
                let entry = self.flow.clone();
                self.nested += 1;
                let frames = std::mem::take(&mut self.frames);
                let mut value = read(self);
                self.frames = frames;
                self.nested -= 1;
                self.leave_scope(first, true);
                self.flow = entry;
                value.guards = self.captured(&names, moves);
                callable(value)
            }
        }
    }

    /// Reads a block that may run later: only guards that it names are alive in it.
    fn isolated(
        &mut self,
        names: &HashSet<Ustr>,
        moves: bool,
        read: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let mut captured = self.captured(names, moves);
        let entry = self.flow.clone();
        let forced = self.forced.clone();
        self.flow.alive.retain(|guard, _| {
            captured.iter().any(|(found, _)| found == guard) || forced.contains(guard)
        });
        let first = self.bindings.len();
        let frames = std::mem::take(&mut self.frames);
        self.nested += 1;
        self.inner_works.push(Vec::new());
        let inner = read(self);
        let works = self.inner_works.pop().unwrap_or_default();
        self.nested -= 1;
        self.frames = frames;
        self.leave_scope(first, inner.failure);
        let after = std::mem::replace(&mut self.flow, entry);
        for (guard, owned) in &mut captured {
            *owned |= after.reachable
                && !after.alive.contains_key(guard)
                && self.facts.guards[guard.0].ended;
        }
        let mut value = Value::of(inner.ty);
        value.guards = captured;
        value.works = works;
        value.future = Future::Plain;
        value.writes = true;
        self.take_out(&value);
        value
    }

    /// Returns the guards of the variables that a closure or an async block names.
    fn captured(&self, names: &HashSet<Ustr>, moves: bool) -> Vec<(GuardId, bool)> {
        let mut value = Value::unknown();
        for (at, binding) in self.bindings.iter().enumerate() {
            if !names.contains(&binding.name) || self.lookup(binding.name) != Some(at) {
                continue;
            }
            for (guard, owned) in &binding.value.guards {
                let Some(alive) = self.flow.alive.get(guard) else { continue };
                let owned = moves && *owned && alive.holder == Holder::Binding(BindId(at));
                if !value.carries(*guard) {
                    value.guards.push((*guard, owned));
                }
            }
        }
        value.guards
    }

    /// Reads what is given to `spawn`: it runs beside the function, with what was moved into it.
    pub(super) fn spawned(&mut self, arg: &Expr) -> Value {
        let detached = std::mem::replace(&mut self.detached, true);
        let forced = std::mem::take(&mut self.forced);
        let value = self.value(arg);
        self.forced = forced;
        self.detached = detached;
        self.end_owned(&value);
        value
    }

    fn macro_call(&mut self, expr: &Expr, call: &MacroCall) -> Value {
        let name = call.path.last().copied().unwrap_or_default();
        match &call.content {
            MacroContent::Expanded(block) => self.block(block),
            MacroContent::Select(branches) => self.select(branches, call.name_span),
            MacroContent::Body(block) => match name.as_str() {
                "stream" | "try_stream" | "generator" | "gen_stream" => {
                    self.async_block(block, true)
                }
                _ => self.block(block),
            },
            MacroContent::Args(args) => match name.as_str() {
                "join" | "try_join" => self.join(args, call.name_span, expr.span),
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

    fn join(&mut self, args: &[Expr], token: Span, subject: Span) -> Value {
        let parts: Vec<Value> = args.iter().map(|arg| self.value(arg)).collect();
        for (part, arg) in parts.iter().zip(args) {
            let _ = subject;
            self.on_join(part, token, arg.span);
        }
        let types = parts.iter().map(|part| part.ty.clone()).collect();
        let mut value = Value::of(Type::Tuple(types));
        value.parts = parts.iter().map(|part| Value::of(part.ty.clone())).collect();
        value
    }

    /// As [`Walker::on_await`], for one of several futures that are awaited together.
    fn on_join(&mut self, value: &Value, token: Span, subject: Span) {
        let before = self.facts.candidates.len();
        self.on_await(value, token, subject);
        for candidate in &mut self.facts.candidates[before..] {
            candidate.rule = Rule::Join;
        }
    }

    fn plain_macro(&mut self, name: Ustr, args: &[Expr]) -> Value {
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
                value.ty = Type::External { name, args: std::sync::Arc::from([]) };
            }
            "anyhow" | "eyre" => value.ty = Type::Unit,
            _ => {}
        }
        value.head = Some(name);
        value
    }

    fn select(&mut self, branches: &[Branch], token: Span) -> Value {
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
            self.leave_scope(first, given.failure);
            if self.flow.reachable {
                merge(&mut result, given);
            }
            exit.join(std::mem::replace(&mut self.flow, Flow::dead()));
        }
        self.flow = exit;
        result
    }

    fn output_of_branch(&mut self, value: Value, token: Span) -> Value {
        let works = Value { works: Vec::new(), ..value };
        let candidates = self.facts.candidates.len();
        let output = self.finish_await(works, token, token);
        // The await itself was seen before.
        self.facts.candidates.truncate(candidates);
        output
    }

    /// Reports `begin()` on a pool of sqlx that may be cancelled.
    pub(super) fn report_begin(&mut self, token: Span, subject: Span) {
        let hold = Hold { what: Held::Transaction, owned: true, certain: true, library: None };
        let guard = self.guard(hold, Origin::Acquired, subject);
        self.report(Code::Sa008, guard, token, subject);
    }

    /// Reads something with guards that are alive in all blocks inside of it.
    pub(super) fn force<T>(&mut self, held: &[GuardId], read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.forced.len();
        self.forced.extend(held);
        let value = read(self);
        self.forced.truncate(before);
        value
    }

    pub(super) fn is_awaited(&self) -> bool {
        self.awaiting
    }

    pub(super) fn not_awaited<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.awaiting, false);
        let value = read(self);
        self.awaiting = outer;
        value
    }
}

/// Returns true for a type of the workspace, also in a result.
fn is_local(ty: &Type) -> bool {
    match ty {
        Type::Local(..) | Type::Bounded(_) => true,
        Type::Ref(inner) => is_local(inner),
        Type::External { args, .. } => args.first().is_some_and(is_local),
        _ => false,
    }
}

/// Returns a closure's value, from that of its body.
fn callable(body: Value) -> Value {
    let output = std::sync::Arc::new(body.ty.clone());
    Value { ty: Type::Callable { inputs: std::sync::Arc::from([]), output }, ..body }
}

fn merge(result: &mut Value, other: Value) {
    if matches!(result.ty, Type::Unknown | Type::Unit) {
        result.ty = other.ty.clone();
    }
    result.carry(&other);
    result.wait_for(&other);
    if result.future == Future::No {
        result.future = other.future;
    }
    result.parts.clear();
}

/// Returns a type without its references.
pub(super) fn unwrapped(ty: &Type) -> &Type {
    match ty {
        Type::Ref(inner) => unwrapped(inner),
        ty => ty,
    }
}

/// Returns the type inside of a `Result` or an `Option`.
pub(super) fn ok_type(ty: &Type) -> Type {
    match ty {
        Type::External { name, args } if args.len() <= 2 && wraps(name) => {
            args.first().cloned().unwrap_or(Type::Unknown)
        }
        Type::Ref(inner) => match ok_type(inner) {
            Type::Ref(inner) => Type::Ref(inner),
            Type::Unknown => Type::Unknown,
            ty => Type::Ref(std::sync::Arc::new(ty)),
        },
        ty => ty.clone(),
    }
}

fn wraps(name: &str) -> bool {
    name == "Option" || name.ends_with("Result")
}

/// A generic parameter may be given anything, a guard too.
fn generic_hold(ty: &Type) -> Option<Hold> {
    match unwrapped(ty) {
        Type::Bounded(_) => {
            Some(Hold { what: Held::Connection, owned: true, certain: false, library: None })
        }
        _ => None,
    }
}

/// Returns the variable that a place belongs to.
fn root_of(expr: &Expr) -> Option<Ustr> {
    match &expr.kind {
        Kind::Path(path) => path.names.first().copied().filter(|_| path.names.len() == 1),
        Kind::Field { base, .. } | Kind::Index { base, .. } => root_of(base),
        Kind::Deref(inner) | Kind::Ref { expr: inner } => root_of(inner),
        Kind::Method { receiver, .. } => root_of(receiver),
        _ => None,
    }
}

fn first_name(pat: &Pat) -> Option<Ustr> {
    match pat {
        Pat::Bind { name, .. } => Some(*name),
        Pat::Tuple(list) | Pat::Or(list) => list.iter().find_map(first_name),
        Pat::TupleStruct { elems, .. } => elems.iter().find_map(first_name),
        Pat::Struct { fields, .. } => fields.iter().find_map(|(_, pat)| first_name(pat)),
        Pat::Ref(inner) | Pat::Typed(inner, _) => first_name(inner),
        Pat::Path(_) | Pat::Rest | Pat::Wild => None,
    }
}

fn first_span(pat: &Pat) -> Option<Span> {
    match pat {
        Pat::Bind { span, .. } => Some(*span),
        Pat::Tuple(list) | Pat::Or(list) => list.iter().find_map(first_span),
        Pat::TupleStruct { elems, .. } => elems.iter().find_map(first_span),
        Pat::Struct { fields, .. } => fields.iter().find_map(|(_, pat)| first_span(pat)),
        Pat::Ref(inner) | Pat::Typed(inner, _) => first_span(inner),
        Pat::Path(_) | Pat::Rest | Pat::Wild => None,
    }
}

fn names_in_block(block: &Block) -> HashSet<Ustr> {
    let mut names = HashSet::new();
    each_in_block(block, &mut |inner| collect_name(inner, &mut names));
    names
}

fn collect_name(expr: &Expr, names: &mut HashSet<Ustr>) {
    match &expr.kind {
        Kind::Path(path) => {
            if let [name] = path.names.as_slice() {
                names.insert(*name);
            }
        }
        Kind::Macro(call) => {
            if let MacroContent::Tokens { names: found } = &call.content {
                names.extend(found);
            }
        }
        _ => {}
    }
}

/// Returns true if an expression contains an await, an async block or a yield.
fn is_async_inside(expr: &Expr) -> bool {
    let mut found = false;
    each(expr, &mut |inner| {
        found |= matches!(
            inner.kind,
            Kind::Await { .. }
                | Kind::Async { .. }
                | Kind::Closure { is_async: true, .. }
                | Kind::Yield(_)
        );
    });
    found
}

/// Returns true for a response that says that something went wrong.
fn names_an_error(expr: &Expr) -> bool {
    let mut found = false;
    each(expr, &mut |inner| {
        let mut see = |name: &Ustr| {
            let name = name.to_ascii_lowercase();
            found |= [
                "err",
                "bad_request",
                "badrequest",
                "not_found",
                "notfound",
                "unauthorized",
                "forbidden",
                "conflict",
                "internal",
                "unprocessable",
                "fail",
                "reject",
                "abort",
            ]
            .iter()
            .any(|word| name.contains(word));
        };
        match &inner.kind {
            Kind::Path(path) => path.names.iter().for_each(&mut see),
            Kind::Method { name, .. } => see(name),
            Kind::Struct { path, .. } => path.names.iter().for_each(&mut see),
            _ => {}
        }
    });
    found
}

/// Returns true for methods that, by their name, give back what they were made with.
pub(super) fn hands_on_by_name(name: &str) -> bool {
    [
        "release",
        "into_",
        "transaction",
        "conn",
        "lock",
        "acquire",
        "begin",
        "guard",
        "inner",
        "open",
    ]
    .iter()
    .any(|word| name.contains(word))
}

fn says_none(pat: &Pat) -> bool {
    match pat {
        Pat::Path(path) => path.last().is_some_and(|name| name == "None"),
        Pat::TupleStruct { path, .. } => path.last().is_some_and(|name| name == "Err"),
        _ => false,
    }
}

/// Returns true for SQL that changes data.
fn writes_sql(text: &str) -> bool {
    let start = text.trim_start();
    ["insert", "update", "delete", "merge", "replace", "truncate", "copy"]
        .iter()
        .any(|word| start.get(..word.len()).is_some_and(|first| first.eq_ignore_ascii_case(word)))
}

/// Returns true unless a name says that it only reads.
fn writes_by_name(head: Option<Ustr>) -> bool {
    let Some(head) = head else { return false };
    crate::libraries::writes(&head)
        || [
            "insert", "create", "update", "delete", "save", "store", "remove", "mark", "set_",
            "upsert", "record", "add_",
        ]
        .iter()
        .any(|word| head.starts_with(word))
}

fn is_route(path: &[Ustr]) -> bool {
    path.last().is_some_and(|name| {
        matches!(
            name.as_str(),
            "get"
                | "post"
                | "put"
                | "delete"
                | "patch"
                | "head"
                | "options"
                | "route"
                | "handler"
                | "debug_handler"
                | "endpoint"
        )
    })
}

/// Returns true if a body sets a field of a variable.
fn assigns_field(body: &Block, variable: Ustr) -> bool {
    let mut found = false;
    each_in_block(body, &mut |inner| {
        if let Kind::Assign { left, .. } = &inner.kind {
            found |= matches!(left.kind, Kind::Field { .. })
                && root_of(left).is_some_and(|name| name == variable);
        }
    });
    found
}
