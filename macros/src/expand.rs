//! The rewriting. It cannot fail: what it does not know, it leaves for the types to refuse.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    AngleBracketedGenericArguments, Attribute, Block, Expr, ExprCall, ExprClosure, ExprMethodCall,
    GenericArgument, Ident, Item, Local, Macro, Pat, ReturnType, Stmt, Token, Type, token,
};

use crate::args::Args;
use crate::hidden;
use crate::item::Function;
use crate::model::{Lending, binding, body_mut, is_verb, root};
use crate::pin;

/// Rewrites every lease in a function; `false` where there is none.
pub(crate) fn handler(function: Function<'_>, args: &Args, refused: bool) -> bool {
    let Some(block) = function.block else { return false };
    let lender = Lender {
        args,
        error: pin::error_type(args, &function.sig.output),
        function: function.sig.ident.to_string(),
        refused,
    };
    let mut handler = Handler { lender: &lender, changed: false };
    handler.visit_block_mut(block);
    handler.changed
}

/// Checks every await of a block that runs on a lease.
pub(crate) fn leased(block: &mut Block, names: Vec<Ident>, lender: &Lender<'_>) {
    Body { lender, names, session: None }.visit_block_mut(block);
}

/// What every lease of one function shares.
pub(crate) struct Lender<'a> {
    pub(crate) args: &'a Args,
    pub(crate) error: TokenStream,
    pub(crate) function: String,
    /// A mistake was found already: nothing compiles, so types need not refuse it again.
    pub(crate) refused: bool,
}

impl Lender<'_> {
    /// `session.lease(async |conn| ..)` becomes
    /// `session.lease_in_handler::<Error, _, _>(checked(..), async |conn| ..)`.
    fn lend(&self, lending: Lending, call: &mut ExprMethodCall, names: &[Ident]) {
        let span = call.method.span();
        let (krate, function) = (self.args.krate(span), &self.function);
        let mut error = self.error.clone();
        if let Some(body) = call.args.first_mut().and_then(body_mut) {
            let mut names = names.to_vec();
            names.extend(binding(body).cloned());
            let session = root(&call.receiver).cloned();
            Body { lender: self, names, session }.visit_expr_mut(&mut body.body);
            if matches!(body.output, ReturnType::Default) {
                if error.to_string() != "_" {
                    pin::convert(&mut body.body, self.args);
                }
            } else {
                error = quote!(_);
            }
        }
        let token = quote_spanned! {span=>
            #krate::__private::checked(#krate::__private::module_path!(), #function)
        };
        call.method = Ident::new(lending.checked(), span);
        call.turbofish = Some(turbofish(error, span));
        call.args.insert(0, Expr::Verbatim(token));
    }
}

/// The code of a handler around its leases.
struct Handler<'a> {
    lender: &'a Lender<'a>,
    changed: bool,
}

impl VisitMut for Handler<'_> {
    fn visit_expr_method_call_mut(&mut self, call: &mut ExprMethodCall) {
        match Lending::of(call) {
            Some(lending) if lending != Lending::Savepoint => {
                self.changed = true;
                self.visit_expr_mut(&mut call.receiver);
                self.lender.lend(lending, call, &[]);
            }
            _ => visit_mut::visit_expr_method_call_mut(self, call),
        }
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// The code of a lease.
struct Body<'a> {
    lender: &'a Lender<'a>,
    /// The variables that are the leased connection.
    names: Vec<Ident>,
    /// The variable that is the session.
    session: Option<Ident>,
}

impl VisitMut for Body<'_> {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        match expr {
            Expr::MethodCall(call) => {
                if let Some(lending) = Lending::of(call) {
                    if lending != Lending::Savepoint && self.again(&call.receiver) {
                        *expr = self.stand_in(call);
                        return;
                    }
                    self.visit_expr_mut(&mut call.receiver);
                    self.lender.lend(lending, call, &self.names);
                    if lending != Lending::Savepoint && self.lender.refused {
                        let krate = self.lender.args.krate(call.method.span());
                        *expr = Expr::Verbatim(quote!(#krate::__private::call(#call)));
                    }
                    return;
                }
                visit_mut::visit_expr_method_call_mut(self, call);
                if self.is_sent(call) {
                    *expr = self.send(call);
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
                *expr = Expr::Verbatim(quote_spanned!(span=> #krate::__private::call(#node)));
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
        let outer = self.names.clone();
        visit_mut::visit_block_mut(self, block);
        self.names = outer;
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

    fn visit_local_mut(&mut self, local: &mut Local) {
        visit_mut::visit_local_mut(self, local);
        let Some(name) = declared(&local.pat) else { return };
        let alias = local.init.as_ref().is_some_and(|init| self.lent(&init.expr));
        self.names.retain(|known| known != name);
        if alias {
            self.names.push(name.clone());
        }
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        // What it returns is no database future, wherever it is awaited.
        if closure.asyncness.is_some() {
            return;
        }
        let outer = self.names.clone();
        for input in &closure.inputs {
            if let Some(name) = declared(input) {
                self.names.retain(|known| known != name);
            }
        }
        visit_mut::visit_expr_closure_mut(self, closure);
        self.names = outer;
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}

    // As constants, in types.
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_generic_argument_mut(&mut self, _: &mut GenericArgument) {}
}

impl Body<'_> {
    /// Rewrites a verb that is awaited; `false` where there is none. What it returns is a `DbCall`,
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

    /// Whether a call is a verb on the leased connection.
    fn is_sent(&self, node: &ExprMethodCall) -> bool {
        is_verb(&node.method)
            && node.args.len() == 1
            && node.turbofish.is_none()
            && self.lent(&node.args[0])
    }

    /// `query.fetch_one(conn)` becomes `Statement::fetch_one(query, conn)`.
    fn send(&self, node: &mut ExprMethodCall) -> Expr {
        let (verb, span) = (&node.method, node.method.span());
        let krate = self.lender.args.krate(span);
        let verb = quote_spanned!(span=> #krate::__private::Statement::#verb);
        call(verb, [take(&mut node.receiver), take(&mut node.args[0])], span)
    }

    /// Whether the session of this lease is used in it: the borrow checker would say so too.
    fn again(&self, receiver: &Expr) -> bool {
        self.lender.refused && self.session.is_some() && root(receiver) == self.session.as_ref()
    }

    /// A future that stands for a refused lease.
    fn stand_in(&self, call: &ExprMethodCall) -> Expr {
        let span = call.method.span();
        let (krate, error) = (self.lender.args.krate(span), &self.lender.error);
        let result = quote_spanned!(span=> ::core::result::Result<_, #error>);
        Expr::Verbatim(quote_spanned! {span=>
            #krate::__private::call(::core::future::pending::<#result>())
        })
    }

    fn lent(&self, expr: &Expr) -> bool {
        root(expr).is_some_and(|root| self.names.contains(root))
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

/// `::<Error, _, _>`, put together and not parsed.
fn turbofish(error: TokenStream, span: Span) -> AngleBracketedGenericArguments {
    let types = quote_spanned!(span=> #error, _, _);
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
