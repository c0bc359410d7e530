//! The rewriting. It cannot fail: what it does not know, it leaves for the types to refuse.

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, Arm, Attribute, Block, Expr, ExprBlock, ExprCall, ExprClosure,
    ExprForLoop, ExprIf, ExprLet, ExprMethodCall, ExprWhile, GenericArgument, Ident, Item, Local,
    Macro, Meta, Pat, PatIdent, ReturnType, Signature, Stmt, Token, Type, parse_quote_spanned,
    token,
};

use crate::args::Args;
use crate::attributes;
use crate::hidden;
use crate::item::Function;
use crate::model::{
    Lending, binding, body_mut, is_connection, is_statement, is_verb, one_statement, opened, root,
};
use crate::pin;

/// Rewrites every lease in a function; `false` where there is none.
pub(crate) fn handler(function: Function<'_>, args: &Args, refused: bool) -> bool {
    let Some(block) = function.block else { return false };
    let (error, site) = (pin::error_type(args, &function.sig.output), site(function.sig, args));
    let lender = Lender { args, error, site, refused };
    let mut handler = Handler { lender: &lender, changed: false };
    handler.visit_block_mut(block);
    handler.changed
}

/// Checks every await of a block that runs on a lease.
pub(crate) fn leased(block: &mut Block, names: Vec<Ident>, lender: &Lender<'_>) {
    Body::on(lender, names, None).visit_block_mut(block);
}

/// What every lease of one function shares.
pub(crate) struct Lender<'a> {
    pub(crate) args: &'a Args,
    pub(crate) error: TokenStream,
    /// Where and what the function is.
    pub(crate) site: TokenStream,
    /// A mistake was found already: nothing compiles, so types need not refuse it again.
    pub(crate) refused: bool,
}

impl Lender<'_> {
    /// `session.lease(async |conn| BODY).await`, or a transaction, becomes
    /// `(match session.lease_in_handler::<Error>() { lending => lending.run_body(BLOCK).await })`, where BLOCK
    /// is `async { let mut conn = lending.lend_to_body(); let conn = &mut **conn; BODY }`: a block costs the
    /// compiler less than a closure. One statement costs it least: `QUERY.fetch_one(conn).await` becomes
    /// `session.lease_in_handler::<Error>().one_statement(SITE).fetch_one(QUERY).await`.
    fn lend(&self, lending: Lending, call: &mut ExprMethodCall, word: &Token![await]) -> Expr {
        let span = call.method.span();
        let lend = Ident::new(lending.checked(), span);
        let session = root(&call.receiver).cloned();
        let receiver = take(&mut call.receiver);
        let Some(closure) = call.args.first_mut().and_then(body_mut) else { return receiver };
        // Ours, and hidden from the body.
        let hidden = Span::mixed_site().located_at(span);
        let (error, site) = (&self.error, &self.site);
        if error.to_string() != "_"
            && let Some(call) = one_statement(lending, closure)
            && !matches!(&*call.receiver, Expr::Macro(query) if self.args.trusts(&query.mac))
        {
            Body::on(self, Vec::new(), None).visit_expr_mut(&mut call.receiver);
            let (verb, query) = (&call.method, &call.receiver);
            let opened = quote_spanned!(span=> #receiver.#lend::<#error>());
            let at = verb.span();
            return Expr::Verbatim(
                quote_spanned!(at=> #opened.one_statement(#site).#verb(#query).#word),
            );
        }
        self.check(closure, Vec::new(), session);
        // Unless it is not to be used.
        let conn = binding(closure).filter(|name| !name.to_string().starts_with('_')).cloned();
        let conn = conn.unwrap_or_else(|| Ident::new("lent", hidden));
        let here = conn.span();
        let lent = match lending {
            Lending::Lease => quote_spanned!(here=> &mut **#conn),
            _ => quote_spanned!(here=> &mut *#conn),
        };
        let ExprClosure { attrs, asyncness, capture, inputs, output, body, .. } = closure;
        let (error, value) = match output {
            ReturnType::Default => (self.error.clone(), None),
            ReturnType::Type(_, ty) => {
                let [error, value] = self.outcome(ty);
                (error, Some(quote_spanned!(hidden=> ::<#value, _>)))
            }
        };
        let (body, braces) = match &**body {
            Expr::Block(ExprBlock { attrs, label: None, block }) if attrs.is_empty() => {
                let stmts = &block.stmts;
                (quote!(#(#stmts)*), hidden.located_at(block.brace_token.span.join()))
            }
            body => (body.to_token_stream(), hidden),
        };
        let name = Ident::new("lending", hidden);
        // The user's: what is said of the connection is said at its name.
        let taken = quote_spanned!(here=> mut #conn);
        let mut block = Group::new(
            Delimiter::Brace,
            quote_spanned! {hidden=>
                let #taken = #name.lend_to_body();
                let #inputs = #lent;
                #body
            },
        );
        block.set_span(braces);
        let run = quote_spanned! {hidden=>
            #name.run_body #value (#(#attrs)* #asyncness #capture #block).#word
        };
        let run = match capture {
            None => run,
            Some(_) => quote_spanned!(hidden=> match &#name { #name => #run }),
        };
        let opened = quote_spanned!(span=> #receiver.#lend::<#error>());
        // In parentheses: a statement that begins with `match` would end with it.
        Expr::Verbatim(quote_spanned!(hidden=> (match #opened { #name => #run })))
    }

    /// `tx.savepoint(async |sp| BODY)` becomes `tx.savepoint_in_lease::<Error, _, _>(async |sp| BODY)`.
    fn nest(&self, call: &mut ExprMethodCall, names: &[Ident]) {
        let span = call.method.span();
        call.method = Ident::new(Lending::Savepoint.checked(), span);
        let Some(closure) = call.args.first_mut().and_then(body_mut) else { return };
        self.check(closure, names.to_vec(), None);
        let [error, value] = match &closure.output {
            ReturnType::Default => [self.error.clone(), quote!(_)],
            ReturnType::Type(_, ty) => self.outcome(ty),
        };
        call.turbofish = Some(turbofish(quote_spanned!(span=> #error, #value, _), span));
    }

    /// Rewrites a body.
    fn check(&self, closure: &mut ExprClosure, mut names: Vec<Ident>, session: Option<Ident>) {
        names.extend(binding(closure).cloned());
        Body::on(self, names, session).visit_expr_mut(&mut closure.body);
        if matches!(closure.output, ReturnType::Default) && self.error.to_string() != "_" {
            pin::convert(&mut closure.body, self.args);
        }
    }

    /// The error and the value of a body that names what it returns.
    fn outcome(&self, ty: &Type) -> [TokenStream; 2] {
        let krate = self.args.krate(ty.span());
        let outcome = quote_spanned!(ty.span()=> #ty as #krate::__private::Outcome);
        [quote!(<#outcome>::Error), quote!(<#outcome>::Value)]
    }
}

/// The path of what a function stands in, and its name.
fn site(sig: &Signature, args: &Args) -> TokenStream {
    let (krate, name) = (args.krate(Span::call_site()), sig.ident.unraw().to_string());
    match sig.receiver() {
        None => quote!(#krate::__private::module_path!(), #name),
        Some(_) => quote!(#krate::__private::type_name::<Self>(), #name),
    }
}

/// The code of a handler around its leases.
struct Handler<'a> {
    lender: &'a Lender<'a>,
    changed: bool,
}

impl VisitMut for Handler<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::Await(node) => {
                if let Some((lending, call)) = lease(&mut node.base) {
                    self.changed = true;
                    self.visit_expr_mut(&mut call.receiver);
                    let lease = self.lender.lend(lending, call, &node.await_token);
                    *expr = attributed(&node.attrs, lease);
                    return;
                }
            }
            Expr::MethodCall(call) => {
                if let Some(lending) = Lending::of(call).filter(|it| *it != Lending::Savepoint) {
                    // Not judged yet, as the attribute's arguments cannot be read: whoever uses the future
                    // finds one.
                    self.changed = true;
                    self.visit_expr_mut(&mut call.receiver);
                    let lease = self.lender.lend(lending, call, &Token![await](call.method.span()));
                    let (span, attrs) = (call.method.span(), &call.attrs);
                    *expr = Expr::Verbatim(quote_spanned!(span=> #(#attrs)* async { #lease }));
                    return;
                }
            }
            // Refused too; what is tried is the outcome that was meant.
            Expr::Try(node) => {
                if let Some((lending, call)) = lease(&mut node.expr) {
                    self.changed = true;
                    self.visit_expr_mut(&mut call.receiver);
                    let word = Token![await](call.method.span());
                    *node.expr = self.lender.lend(lending, call, &word);
                    return;
                }
            }
            _ => {}
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// As [`opened`], but for savepoints, which stand in a lease.
fn lease(base: &mut Expr) -> Option<(Lending, &mut ExprMethodCall)> {
    opened(base).filter(|(lending, _)| *lending != Lending::Savepoint)
}

/// The code of a lease.
struct Body<'a> {
    lender: &'a Lender<'a>,
    known: Known,
    /// The variable that is the session.
    session: Option<Ident>,
}

/// The variables that mean something here.
#[derive(Clone, Default)]
struct Known {
    /// Those that are the leased connection.
    connections: Vec<Ident>,
    /// Those that are a statement.
    statements: Vec<Ident>,
}

impl Known {
    fn forget(&mut self, name: &Ident) {
        self.connections.retain(|known| known != name);
        self.statements.retain(|known| known != name);
    }
}

impl VisitMut for Body<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::MethodCall(call) => {
                match Lending::of(call) {
                    None => {}
                    Some(Lending::Savepoint) => {
                        self.visit_expr_mut(&mut call.receiver);
                        self.lender.nest(call, &self.known.connections);
                        return;
                    }
                    Some(lending) => {
                        let stand_in = self.stand_in(lending, call);
                        *expr = attributed(&call.attrs, stand_in);
                        return;
                    }
                }
                let sent = self.is_sent(call);
                visit_mut::visit_expr_method_call_mut(self, call);
                if sent {
                    let sent = self.send(call);
                    *expr = attributed(&call.attrs, sent);
                }
            }
            Expr::Await(node) => {
                if self.runs(&mut node.base) {
                    return;
                }
                self.visit_expr_mut(&mut node.base);
                // Spanned on `await`: the type error then marks the operand and the word.
                let span = node.await_token.span();
                let krate = self.lender.args.krate(span);
                let check = quote_spanned!(span=> #krate::__private::check);
                node.base = call(check, [take(&mut node.base)], Span::call_site()).into();
            }
            Expr::Async(node) => {
                let span = node.async_token.span();
                let krate = self.lender.args.krate(span);
                visit_mut::visit_expr_async_mut(self, node);
                let attrs = std::mem::take(&mut node.attrs);
                *expr = Expr::Verbatim(
                    quote_spanned!(span=> #(#attrs)* #krate::__private::call(#node)),
                );
            }
            // Constants await nothing, and cannot call a closure.
            Expr::Const(_) => {}
            Expr::Repeat(node) => self.visit_expr_mut(&mut node.expr),
            Expr::Macro(node) => {
                if let Some(evaluated) = self.evaluate(&node.attrs, &node.mac, false) {
                    *expr = evaluated;
                }
            }
            _ => visit_mut::visit_expr_mut(self, expr),
        }
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.in_scope(|body| visit_mut::visit_block_mut(body, block));
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        if let Stmt::Macro(node) = stmt {
            if hidden::declares(&node.mac) {
                node.semi_token.get_or_insert_default();
            }
            let statement = node.semi_token.is_some();
            if let Some(evaluated) = self.evaluate(&node.attrs, &node.mac, statement) {
                *stmt = Stmt::Expr(evaluated, node.semi_token);
            }
            return;
        }
        visit_mut::visit_stmt_mut(self, stmt);
    }

    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        self.known.statements.retain(|known| *known != pat.ident);
    }

    fn visit_expr_for_loop_mut(&mut self, node: &mut ExprForLoop) {
        self.visit_expr_mut(&mut node.expr);
        self.in_scope(|body| {
            body.visit_pat_mut(&mut node.pat);
            body.visit_block_mut(&mut node.body);
        });
    }

    // A pattern declares its names for what comes after it.
    fn visit_expr_let_mut(&mut self, node: &mut ExprLet) {
        self.visit_expr_mut(&mut node.expr);
        self.visit_pat_mut(&mut node.pat);
    }

    fn visit_expr_if_mut(&mut self, node: &mut ExprIf) {
        self.in_scope(|body| visit_mut::visit_expr_if_mut(body, node));
    }

    fn visit_expr_while_mut(&mut self, node: &mut ExprWhile) {
        self.in_scope(|body| visit_mut::visit_expr_while_mut(body, node));
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        self.in_scope(|body| visit_mut::visit_arm_mut(body, arm));
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        let init = local.init.as_ref().map(|init| &*init.expr);
        let typed = matches!(&local.pat, Pat::Type(pat) if is_connection(&pat.ty));
        let connection = typed || init.is_some_and(|init| self.lent(init));
        let statement = init.is_some_and(|init| is_statement(init, &self.known.statements));
        if let Some(init) = &mut local.init {
            self.visit_local_init_mut(init);
        }
        self.visit_pat_mut(&mut local.pat);
        let Some(name) = declared(&local.pat) else { return };
        self.known.forget(name);
        if connection {
            self.known.connections.push(name.clone());
        }
        if statement {
            self.known.statements.push(name.clone());
        }
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        // What it returns is no database future, wherever it is awaited.
        if closure.asyncness.is_some() {
            return;
        }
        let outer = self.known.clone();
        for input in &closure.inputs {
            if let Some(name) = declared(input) {
                self.known.forget(name);
            }
        }
        visit_mut::visit_expr_closure_mut(self, closure);
        self.known = outer;
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        for attr in attributes::of_item(item).into_iter().flatten() {
            if attributes::is_derive(attr)
                && let Meta::List(list) = &mut attr.meta
            {
                let krate = self.lender.args.krate(list.path.span());
                list.path = parse_quote_spanned!(list.path.span()=> #krate::__private::derive);
            }
        }
    }

    // As constants, in types.
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_generic_argument_mut(&mut self, _: &mut GenericArgument) {}
}

impl<'a> Body<'a> {
    fn on(lender: &'a Lender<'a>, connections: Vec<Ident>, session: Option<Ident>) -> Self {
        Body { lender, known: Known { connections, ..Known::default() }, session }
    }

    /// What is declared in there is not known after it.
    fn in_scope(&mut self, visit: impl FnOnce(&mut Self)) {
        let outer = self.known.clone();
        visit(self);
        self.known = outer;
    }

    /// Rewrites a verb that is awaited; `false` where there is none. What it returns is a `StatementFuture`,
    /// whatever it is called on: the compiler need not be asked, and most awaits are of this kind.
    fn runs(&mut self, base: &mut Expr) -> bool {
        let Expr::MethodCall(call) = base else { return false };
        if call.method == "fetch" || !self.is_sent(call) {
            return false;
        }
        visit_mut::visit_expr_method_call_mut(self, call);
        *base = self.send(call);
        true
    }

    /// Whether a call is a verb on the leased connection, or of a statement on what may be one.
    fn is_sent(&self, node: &ExprMethodCall) -> bool {
        is_verb(&node.method)
            && node.args.len() == 1
            && node.turbofish.is_none()
            && (self.lent(&node.args[0]) || is_statement(&node.receiver, &self.known.statements))
    }

    /// `query.fetch_one(conn)` becomes `Statement::fetch_one(query, conn)`, and where the name does not
    /// tell, `Statement::fetch_one(query, on(repo.conn))`.
    fn send(&self, node: &mut ExprMethodCall) -> Expr {
        let (verb, span) = (&node.method, node.method.span());
        let krate = self.lender.args.krate(span);
        let mut conn = take(&mut node.args[0]);
        if !self.lent(&conn) {
            let here = conn.span();
            let on = quote_spanned!(here=> #krate::__private::on);
            conn = call(on, [conn], here);
        }
        let verb = quote_spanned!(span=> #krate::Statement::#verb);
        call(verb, [take(&mut node.receiver), conn], span)
    }

    /// A database future that stands for a lease that was refused here.
    fn stand_in(&self, lending: Lending, call: &mut ExprMethodCall) -> Expr {
        let span = call.method.span();
        let (krate, error) = (self.lender.args.krate(span), &self.lender.error);
        let result = quote_spanned!(span=> ::core::result::Result<_, #error>);
        let pending = quote_spanned!(span=> ::core::future::pending::<#result>());
        Expr::Verbatim(if self.lent(&call.receiver) {
            let conn = &call.receiver;
            quote_spanned!(span=> #krate::__private::call({ let _ = &#conn; #pending }))
        } else if self.session.is_some() && root(&call.receiver) == self.session.as_ref() {
            // The session of the lease it stands in: the borrow checker would refuse it too.
            quote_spanned!(span=> #krate::__private::call(#pending))
        } else {
            let lease = self.lender.lend(lending, call, &Token![await](span));
            quote_spanned!(span=> #krate::__private::call(async { #lease }))
        })
    }

    fn lent(&self, expr: &Expr) -> bool {
        root(expr).is_some_and(|root| self.known.connections.contains(root))
    }

    fn evaluate(&mut self, attrs: &[Attribute], mac: &Macro, statement: bool) -> Option<Expr> {
        if self.lender.args.trusts(mac) {
            return None;
        }
        if self.lender.refused && (hidden::is_concurrent(mac) || hidden::unreadable(mac).is_some())
        {
            // Left as it is, it compiles: one mistake, one error.
            return None;
        }
        let krate = self.lender.args.krate(mac.path.span());
        Some(hidden::evaluate(attrs, mac, statement, &krate, |argument| {
            self.visit_expr_mut(argument)
        }))
    }
}

/// `function(arguments)`, put together and not printed: printing within printing costs the compiler
/// more with each level.
pub(crate) fn call<const N: usize>(function: TokenStream, args: [Expr; N], span: Span) -> Expr {
    let mut arguments = Punctuated::new();
    for (nth, argument) in args.into_iter().enumerate() {
        if nth > 0 {
            arguments.push_punct(Token![,](span));
        }
        arguments.push_value(argument);
    }
    Expr::Call(ExprCall {
        attrs: Vec::new(),
        func: Expr::Verbatim(function).into(),
        paren_token: token::Paren(span),
        args: arguments,
    })
}

/// Moves an expression out, to put it into another.
pub(crate) fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::PLACEHOLDER)
}

/// What takes the place of an expression, after the attributes of that: it may be switched off.
pub(crate) fn attributed(attrs: &[Attribute], expr: Expr) -> Expr {
    if attrs.is_empty() { expr } else { Expr::Verbatim(quote!(#(#attrs)* #expr)) }
}

/// `::<Error, _, _>`, put together and not parsed.
fn turbofish(types: TokenStream, span: Span) -> AngleBracketedGenericArguments {
    AngleBracketedGenericArguments {
        colon2_token: Some(Token![::](span)),
        lt_token: Token![<](span),
        args: Punctuated::from_iter([GenericArgument::Type(Type::Verbatim(types))]),
        gt_token: Token![>](span),
    }
}

/// The one name that a pattern declares.
fn declared(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) => Some(&pat.ident),
        Pat::Type(pat) => declared(&pat.pat),
        _ => None,
    }
}
