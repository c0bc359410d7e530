//! The mistakes that show in the source, each under its code.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprAsync, ExprAwait, ExprClosure, ExprLit, ExprMacro, ExprMethodCall, FnArg,
    Item, Lit, LitStr, Signature, StmtMacro,
};

use crate::args::Args;
use crate::attributes;
use crate::errors::Errors;
use crate::hidden;
use crate::item::{Function, Place};
use crate::model::{Lending, awaits, body, is_verb, runs_on_lease};
use crate::sql;
use crate::{blocking, doors, in_place};

pub(crate) fn handler(function: &mut Function<'_>, args: &Args, errors: &mut Errors) {
    let Some(block) = &mut function.block else {
        if function.place == Place::Declaration {
            sl009_no_body(function.sig, errors);
        }
        return;
    };
    if function.place == Place::Itself && function.sig.asyncness.is_none() && !has_async(block) {
        sl009_not_async("handler", function.sig, errors);
        return;
    }
    in_place::refuse(block, args, false, errors);
    let mut walk = Walk::new(args, errors);
    walk.sl006_parameters(function.sig);
    walk.visit_block(block);
}

pub(crate) fn leased(function: &mut Function<'_>, args: &Args, errors: &mut Errors) {
    let itself = matches!(function.place, Place::Itself | Place::Declaration);
    if function.sig.asyncness.is_none() {
        if itself && !function.block.as_ref().is_some_and(|block| has_async(block)) {
            sl009_not_async("leased", function.sig, errors);
        }
        return;
    }
    if !runs_on_lease(function) {
        if itself {
            sl009_no_connection(function.sig, errors);
        }
        return;
    }
    if let Some(block) = &mut function.block {
        in_place::refuse(block, args, true, errors);
        Walk { leased: true, ..Walk::new(args, errors) }.visit_block(block);
    }
}

struct Walk<'a> {
    args: &'a Args,
    errors: &'a mut Errors,
    /// Inside of a lease.
    leased: bool,
    /// The expression at hand is the direct operand of an await.
    awaited: bool,
    /// In the arguments of a verb: a session's own verbs are each a lease.
    verb: bool,
    /// In the arguments of a call that runs them on a thread of their own.
    elsewhere: bool,
    /// In an async closure within a lease, as `unchecked` takes one: what it awaits is judged by the
    /// type of what it returns, where that is awaited.
    closure: bool,
}

impl<'a> Walk<'a> {
    fn new(args: &'a Args, errors: &'a mut Errors) -> Self {
        Walk {
            args,
            errors,
            leased: false,
            awaited: false,
            verb: false,
            elsewhere: false,
            closure: false,
        }
    }
}

impl<'ast> Visit<'ast> for Walk<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        let awaited = std::mem::take(&mut self.awaited);
        match expr {
            Expr::MethodCall(call) => self.method(call, awaited),
            Expr::Call(call) => {
                if let Some(method) = doors::by_path(call) {
                    self.sl006_call(method);
                }
                if self.leased
                    && let Some(reason) = doors::unexplained_by_path(call)
                {
                    self.sl006_unexplained(reason);
                }
                if self.leased
                    && let Some(name) = blocking::call(call, awaited)
                {
                    self.sl004(&call.func, &name);
                }
                if (self.leased || self.verb) && sends_sql(&call.func) {
                    match call.args.first() {
                        // What there almost always is, without a way through tokens.
                        Some(Expr::Lit(ExprLit { lit: Lit::Str(sql), .. })) => self.sl005(sql),
                        other => {
                            self.sl005_among(other.to_token_stream());
                        }
                    }
                }
                let elsewhere = self.elsewhere;
                self.elsewhere |= blocking::runs_elsewhere(call);
                visit::visit_expr_call(self, call);
                self.elsewhere = elsewhere;
            }
            Expr::Paren(_) | Expr::Group(_) => {
                self.awaited = awaited;
                visit::visit_expr(self, expr);
            }
            Expr::Verbatim(tokens) if self.leased && !self.closure => {
                if let Some(hidden) = awaits(tokens.clone()) {
                    self.sl003_unknown(&hidden);
                }
            }
            _ => visit::visit_expr(self, expr),
        }
    }

    fn visit_expr_closure(&mut self, node: &'ast ExprClosure) {
        let closure = self.closure;
        self.closure |= self.leased && node.asyncness.is_some();
        visit::visit_expr_closure(self, node);
        self.closure = closure;
    }

    fn visit_expr_await(&mut self, node: &'ast ExprAwait) {
        self.awaited = true;
        self.visit_expr(&node.base);
        self.awaited = false;
    }

    fn visit_expr_macro(&mut self, node: &'ast ExprMacro) {
        self.hidden(&node.mac);
    }

    fn visit_stmt_macro(&mut self, node: &'ast StmtMacro) {
        self.hidden(&node.mac);
    }

    // Other functions, with attributes of their own where they need them.
    fn visit_item(&mut self, node: &'ast Item) {
        if self.leased
            && !self.closure
            && let Some(attr) = attributes::unknown(node)
        {
            self.sl003_attribute(&attr);
        }
    }
}

impl Walk<'_> {
    fn method(&mut self, call: &ExprMethodCall, awaited: bool) {
        let Some(lending) = Lending::of(call) else {
            if self.leased
                && let Some(name) = blocking::method(call, awaited)
            {
                self.sl004(&call.method, &name);
            }
            if doors::is_call(call) {
                self.sl006_call(&call.method);
            }
            if self.leased
                && let Some(reason) = doors::unexplained(call)
            {
                self.sl006_unexplained(reason);
            }
            self.visit_expr(&call.receiver);
            let (verb, elsewhere) = (self.verb, self.elsewhere);
            self.verb |= is_verb(&call.method);
            self.elsewhere |= blocking::gives_away(call);
            call.args.iter().for_each(|argument| self.visit_expr(argument));
            (self.verb, self.elsewhere) = (verb, elsewhere);
            return;
        };
        if self.leased && lending != Lending::Savepoint {
            self.sl007(call);
        }
        self.visit_expr(&call.receiver);
        let leased = std::mem::replace(&mut self.leased, true);
        if let Some(body) = call.args.first().and_then(body) {
            self.visit_expr(&body.body);
        }
        self.leased = leased;
    }

    fn hidden(&mut self, mac: &syn::Macro) {
        if (self.leased || self.verb) && hidden::is_query(mac) {
            self.sl005_first(mac.tokens.clone());
        }
        if !self.leased || self.closure {
            return self.doors_in(mac);
        }
        if hidden::is_concurrent(mac) {
            return self.sl003_concurrent(mac);
        }
        if self.args.trusts(mac) {
            return;
        }
        if hidden::is_guard(mac) {
            return self.sl003_undone(mac);
        }
        if let Some(await_) = hidden::unreadable(mac) {
            return self.sl003(mac, &await_);
        }
        if let Some(postponed) = hidden::postponed(mac) {
            return self.sl003_postponed(mac, &postponed);
        }
        let arguments = hidden::arguments(mac);
        if arguments.is_empty() {
            self.doors_in(mac);
        }
        for argument in &arguments {
            self.visit_expr(argument);
        }
    }

    fn doors_in(&mut self, mac: &syn::Macro) {
        if let Some(method) = doors::in_tokens(mac.tokens.clone()) {
            self.sl006_call(&method);
        }
    }

    fn sl003(&mut self, mac: &syn::Macro, hidden: &Ident) {
        let name = hidden::name(mac);
        self.errors.at(
            hidden.span(),
            format!(
                "SL003: an `.await` inside of `{name}!` cannot be checked, because a macro decides what becomes of it -- bind it with `let` before the call"
            ),
        );
    }

    fn sl003_unknown(&mut self, hidden: &Ident) {
        self.errors.at(
            hidden.span(),
            "SL003: this `.await` cannot be checked, because it stands in syntax that is not known here -- bind it with `let` in an expression of its own",
        );
    }

    fn sl003_attribute(&mut self, attr: &Attribute) {
        let name: String = attr.path().to_token_stream().to_string().split_whitespace().collect();
        self.errors.on(
            attr.path(),
            format!(
                "SL003: `#[{name}]` could put an `.await` into this lease, because what a macro makes of an item in a body may be any statement -- move the item out of the lease"
            ),
        );
    }

    fn sl003_undone(&mut self, mac: &syn::Macro) {
        let name = hidden::name(mac);
        self.errors.on(
            &mac.path,
            format!(
                "SL003: `{name}!` would not wait for the end of this block, because what a macro declares inside of a lease ends with its call -- write it out with `let`, or trust it: `trust({name})`"
            ),
        );
    }

    fn sl003_postponed(&mut self, mac: &syn::Macro, argument: &Expr) {
        let name = hidden::name(mac);
        self.errors.on(
            argument,
            format!(
                "SL003: `{name}!` evaluates this only where it fails and a lease always would, because what awaits or leaves the body goes before the macro -- bind it with `let` before the call"
            ),
        );
    }

    fn sl003_concurrent(&mut self, mac: &syn::Macro) {
        let name = hidden::name(mac);
        self.errors.on(
            &mac.path,
            format!(
                "SL003: `{name}!` has no use inside of a lease, because one connection runs one statement at a time -- await the statements one after the other"
            ),
        );
    }

    fn sl004(&mut self, call: impl ToTokens, name: &str) {
        if !self.elsewhere && !self.args.allows("SL004") {
            self.errors.on(
                call,
                format!(
                    "SL004: `{name}` blocks while a lease is open, because it waits without giving the thread back -- do it after the lease, or name the reason: `allow(SL004 = \"why\")`"
                ),
            );
        }
    }

    /// Only the first argument with text in it: before it stands a type, after it what is bound.
    fn sl005_first(&mut self, arguments: TokenStream) {
        let arguments: Vec<TokenTree> = arguments.into_iter().collect();
        let is_comma =
            |token: &TokenTree| matches!(token, TokenTree::Punct(comma) if comma.as_char() == ',');
        arguments
            .split(is_comma)
            .any(|argument| self.sl005_among(argument.iter().cloned().collect()));
    }

    /// One error a literal; `false` where there is none.
    fn sl005_among(&mut self, arguments: TokenStream) -> bool {
        let mut text = false;
        for token in arguments {
            match token {
                TokenTree::Group(group) => text |= self.sl005_among(group.stream()),
                TokenTree::Literal(literal) => {
                    if let Ok(sql) = syn::parse2(literal.into_token_stream()) {
                        self.sl005(&sql);
                        text = true;
                    }
                }
                _ => {}
            }
        }
        text
    }

    fn sl005(&mut self, sql: &LitStr) {
        let Some(effect) = sql::session_state(&sql.value()) else { return };
        if !self.args.allows("SL005") {
            self.errors.at(
                sql.span(),
                format!(
                    "SL005: this statement {effect}, because its effect outlives the lease and meets whoever leases next -- {}, or name the reason: `allow(SL005 = \"why\")`",
                    sql::instead(effect)
                ),
            );
        }
    }

    fn sl006_parameters(&mut self, sig: &Signature) {
        let typed = sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(input) => Some(&input.ty),
            FnArg::Receiver(_) => None,
        });
        let raw = typed.filter_map(|ty| doors::in_type(ty));
        for raw in raw.chain(doors::in_generics(&sig.generics)) {
            if !self.args.allows("SL006") {
                self.errors.at(
                    raw.span(),
                    format!(
                        "SL006: a handler takes a raw `{raw}`, because nothing checks what is awaited while a raw connection is held -- take `&mut Session<_>`, or name the reason: `allow(SL006 = \"why\")`"
                    ),
                );
            }
        }
    }

    fn sl006_call(&mut self, name: &Ident) {
        if !self.args.allows("SL006") {
            self.errors.at(name.span(), doors::refusal(name));
        }
    }

    fn sl006_unexplained(&mut self, reason: &LitStr) {
        self.errors.at(
            reason.span(),
            "SL006: `unchecked` is given no reason, because nothing checks what is awaited in it and a reader should know why -- say what the connection is lent for",
        );
    }

    fn sl007(&mut self, call: &ExprMethodCall) {
        self.errors.at(
            call.method.span(),
            "SL007: a lease inside of a lease, because a request that waits for a second connection while it holds one can starve the pool -- use the connection this lease has, or `tx.savepoint` in a transaction",
        );
    }
}

fn sl009_not_async(attribute: &str, sig: &Signature, errors: &mut Errors) {
    let name = &sig.ident;
    errors.on(
        name,
        format!(
            "SL009: `#[{attribute}]` has nothing to check in `{name}`, because it is not async -- make it `async fn`, or remove the attribute"
        ),
    );
}

fn sl009_no_connection(sig: &Signature, errors: &mut Errors) {
    let name = &sig.ident;
    errors.on(
        name,
        format!(
            "SL009: `{name}` cannot run on a lease, because no parameter is written as `&mut Conn<_>` or `&mut Tx<_>` -- take one and spell its type out, or mark the function `#[handler]` if it opens leases itself"
        ),
    );
}

fn sl009_no_body(sig: &Signature, errors: &mut Errors) {
    let name = &sig.ident;
    errors.on(
        name,
        format!(
            "SL009: `#[handler]` has nothing to check in `{name}`, because a declaration has no body -- put it on the functions that implement it"
        ),
    );
}

/// Whether another attribute has already turned an `async fn` into a block in it.
fn has_async(block: &syn::Block) -> bool {
    struct HasAsync(bool);
    impl<'ast> Visit<'ast> for HasAsync {
        fn visit_expr_async(&mut self, _: &'ast ExprAsync) {
            self.0 = true;
        }
        fn visit_expr_closure(&mut self, node: &'ast syn::ExprClosure) {
            self.0 |= node.asyncness.is_some();
            visit::visit_expr_closure(self, node);
        }
        fn visit_item(&mut self, _: &'ast Item) {}
    }
    let mut found = HasAsync(false);
    found.visit_block(block);
    found.0
}

/// Whether a function makes a statement of its arguments.
fn sends_sql(function: &Expr) -> bool {
    let Expr::Path(function) = function else { return false };
    let names: Vec<String> =
        function.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [.., "QueryBuilder", "new" | "with_arguments"] => true,
        [.., name] => sql::is_function(name),
        [] => false,
    }
}
