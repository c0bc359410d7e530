//! From an attribute to its expansion: each function in the item is checked and rewritten.

use proc_macro2::{Delimiter, Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ReturnType, Signature, Type, parse_quote};

use crate::args::{Args, Role};
use crate::error::Errors;
use crate::error_type;
use crate::item::connections::{self, Connections};
use crate::item::receiver;
use crate::item::signature;
use crate::item::{Function, Item, Place};
use crate::parked;
use crate::rules::raw_access;
use crate::rules::transaction_state::Within;
use crate::syntax;
use crate::syntax::lease_call::LeaseCall;
use crate::syntax::scope::Meaning;
use crate::tokens::{self, Group, Token, word};
use crate::types::has_opaque;
use crate::walk::sequence::End;
use crate::walk::{Code, Frame, Region};

/// Expands an attribute. The item always comes out, whatever is wrong with it.
pub(crate) fn expand(role: Role, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let (args, read) = Args::read(role, args);
    let readable = read.is_ok();
    if let Err(error) = read {
        errors.push(&error);
        // What they allow is not known: one mistake, one error.
        errors.stop();
    }
    let mut target = match Item::read(item.clone()) {
        Ok(target) => target,
        Err(error) => {
            let tokens = tokens::list(item.clone());
            if let Some(first) = tokens.first().filter(|_| syntax::is_async_closure(&tokens)) {
                // Nothing can stand behind an expression.
                return errors.in_place(first.span(), OUTSIDE, &args);
            }
            errors.push(&error);
            let errors = errors.into_tokens(&args);
            return quote!(#item #errors);
        }
    };
    if role == Role::Leased
        && let Some(boxes) = target.async_trait()
    {
        errors.on(boxes, ASYNC_TRAIT);
        let errors = errors.into_tokens(&args);
        return quote!(#item #errors);
    }
    let mut changed = false;
    let mut found = false;
    let mut containers = target.containers();
    if role == Role::Leased {
        receiver::find(&mut containers, |function| {
            Connections::of_parameters(&function.sig, &args).any
        });
    }
    for function in containers.into_iter().flat_map(|container| container.functions) {
        if let Some(surroundings) = &args.again {
            function.surround(surroundings);
        }
        let fits = match role {
            Role::Handler => handler(function, &args, &mut errors),
            Role::Leased => leased(function, &args, &mut errors),
        };
        changed |= fits == Fits::Rewritten;
        found |= fits != Fits::Not;
    }
    if let Some(header) = target.header().filter(|_| !found && !errors.any()) {
        errors.on(header, marks_nothing(role));
    }
    if readable {
        args.unused().iter().for_each(|unused| errors.push(unused));
    }
    let errors = errors.into_tokens(&args);
    // An item that was not rewritten goes out as it came in, token for token.
    if changed { quote!(#target #errors) } else { quote!(#item #errors) }
}

/// The outcome of an attribute for one function.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits {
    /// It is not about this function.
    Not,
    /// It has nothing to rewrite there.
    AsItIs,
    Rewritten,
}

/// Rewrites the leases of a handler.
fn handler(function: &mut Function, args: &Args, errors: &mut Errors) -> Fits {
    let Some(body) = &function.body else {
        if function.place == Place::Declaration {
            errors.on(&function.sig.ident, no_body(&function.sig));
        }
        return if function.sig.asyncness.is_some() { Fits::AsItIs } else { Fits::Not };
    };
    let marked = function.place == Place::Itself;
    let is_async = function.sig.asyncness.is_some();
    // Of a future without a name, a lease may be the whole.
    let hands_on = has_opaque(&signature::output(&function.sig));
    let asynchronous = is_async || has_async(body.tokens(), hands_on);
    if marked && !asynchronous {
        errors.on(&function.sig.ident, not_async("handler", &function.sig));
        if has_async(body.tokens(), true) {
            leave_out_body(function);
            return Fits::Rewritten;
        }
        return Fits::Not;
    }
    refuse_parameters(&function.sig, args, errors);
    let frame = Frame {
        region: Region::Handler,
        scope: connections::sessions(&function.sig).into_iter().collect(),
        either: None,
        within: Within::Lease,
        error: error_type::of(args, &function.sig.output),
        foreign: error_type::foreign(args, &function.sig.output),
        returns: None,
        in_closure: false,
        ended: None,
    };
    match rewrite(function, args, Code::new(args, errors, frame)) {
        true => Fits::Rewritten,
        false if marked && is_async && Connections::of_parameters(&function.sig, args).any => {
            errors.on(&function.sig.ident, runs_on_lease(&function.sig));
            Fits::AsItIs
        }
        false if asynchronous => Fits::AsItIs,
        false => Fits::Not,
    }
}

/// Rewrites a function that runs on a lease.
fn leased(function: &mut Function, args: &Args, errors: &mut Errors) -> Fits {
    let marked = function.place.is_marked();
    if function.sig.asyncness.is_none() {
        let hidden = function.body.as_ref().is_some_and(|body| has_async(body.tokens(), true));
        if hidden && (marked || Connections::of_parameters(&function.sig, args).any) {
            errors.on(&function.sig.ident, boxed_above(&function.sig));
        } else if marked {
            errors.on(&function.sig.ident, not_async("leased", &function.sig));
            leave_out_body(function);
            return Fits::Rewritten;
        }
        return Fits::Not;
    }
    if function.is_instrumented() && (marked || Connections::of(function, args).any) {
        // It is to see the function as it was written, and to put the body into its span.
        function.attrs.push(args.again(function.surroundings()));
        return Fits::Rewritten;
    }
    if let Some(on) = args.on.as_ref().filter(|on| marked && !has_parameter(&function.sig, on)) {
        errors.on(on, no_parameter(&function.sig, on));
        return Fits::Not;
    }
    connections::name_opaque(&mut function.sig);
    let connections = Connections::of(function, args);
    if !connections.any && !marked {
        return Fits::Not;
    }
    if let ReturnType::Type(_, ty) = &function.sig.output
        && let Type::Never(never) = &**ty
    {
        errors.on(never, never_returns(&function.sig));
        function.sig.output = parse_quote!(-> ::core::convert::Infallible);
    } else if !connections.any {
        errors.on(&function.sig.ident, no_connection(&function.sig));
        leave_out_body(function);
    } else {
        if args.boxed && connections.either.is_some() {
            errors.on(&function.sig.ident, BOXED_EITHER);
        }
        let output = signature::output(&function.sig);
        let names = connections.names.iter().cloned();
        let frame = Frame {
            region: Region::Lease,
            scope: names.map(|name| (Meaning::Connection, name)).collect(),
            either: connections.either.clone(),
            within: match connections.transaction {
                true => Within::Transaction,
                false => Within::LeasedFunction,
            },
            error: None,
            foreign: None,
            returns: (!has_opaque(&output)).then(|| quote!(#output)),
            in_closure: false,
            ended: None,
        };
        rewrite(function, args, Code { edits: 1, ..Code::new(args, errors, frame) });
    }
    // One that was refused still returns what its callers await.
    signature::lease(function, args, connections.either.as_ref());
    Fits::Rewritten
}

/// Leaves out the body of a function that is refused: each statement in it would be another error.
fn leave_out_body(function: &mut Function) {
    function.attrs.push(parse_quote!(#[allow(unused)]));
    if let Some(body) = &mut function.body {
        *body = Group::new(Delimiter::Brace, body.span(), quote!(loop {}));
    }
}

fn rewrite(function: &mut Function, args: &Args, mut code: Code<'_>) -> bool {
    let Some(body) = &function.body else { return false };
    let (inner, tokens) = syntax::inner_attributes(body.tokens());
    let mut written = Vec::new();
    code.braces(tokens, End::Body, &mut written);
    if code.edits == 0 {
        return false;
    }
    if code.frame.region == Region::Handler {
        parked::refuse(tokens, code.errors);
    }
    let hidden = Span::mixed_site();
    let krate = args.krate(hidden);
    let helper = code.frame.either.as_ref().map(|_| quote_spanned!(hidden=> InHelper as _,));
    let import = quote_spanned! {hidden=>
        #[allow(unused_imports)]
        use #krate::__private::{#helper InLease as _, OpensLease as _};
    };
    let keywords = (!code.keywords.is_empty()).then(|| {
        let keywords = code.keywords;
        quote_spanned!(hidden=> #[allow(dead_code)] const _: () = { #keywords };)
    });
    let mut rewritten = quote!(#(#inner)* #import #keywords);
    rewritten.extend(written);
    function.body = Some(Group::new(Delimiter::Brace, body.span_with(), rewritten));
    true
}

fn refuse_parameters(sig: &Signature, args: &Args, errors: &mut Errors) {
    let raw = connections::parameters(sig).filter_map(|(_, ty)| raw_access::in_type(ty));
    let raw: Vec<&Ident> = raw.chain(raw_access::in_generics(&sig.generics)).collect();
    for raw in raw {
        if !args.allows("SL006") {
            errors.at(raw.span(), raw_access::parameter(raw));
        }
    }
}

/// Tells whether there is async code, such as the block that another attribute has put the code into. The body of a lease
/// counts only `in_leases`.
fn has_async(tokens: &[Token], in_leases: bool) -> bool {
    tokens.iter().enumerate().any(|(at, token)| match token {
        Token::Word(_, word) => word == "async",
        Token::Group(group) => {
            let callee = at.checked_sub(1).and_then(|callee| word(tokens.get(callee)));
            let lease = LeaseCall::read(callee.unwrap_or_default(), group.tokens());
            let code = lease.filter(|_| !in_leases).map(|lease| lease.body.code);
            has_async(code.unwrap_or(group.tokens()), in_leases)
        }
        _ => false,
    })
}

fn not_async(attribute: &str, sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` is not async, so `#[{attribute}]` has nothing to check\nhelp: make it `async fn`, or remove the attribute"
    )
}

fn runs_on_lease(sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` opens no lease, but runs on that of its caller\nhelp: mark it `#[leased]` instead"
    )
}

fn no_connection(sig: &Signature) -> String {
    let name = &sig.ident;
    if let Some(lent) = connections::written_otherwise(sig) {
        return format!(
            "SL009: `{name}` has no connection to run on\nhelp: write `{lent}` in place of the connection that it takes\nhelp: or `&mut impl EitherConn<_>`, if code with a connection of `sqlx` calls it too"
        );
    }
    format!(
        "SL009: `{name}` has no connection to run on\nhelp: take a parameter whose type is written `&mut Conn<_>` or `&mut Tx<_>`\nhelp: or `&mut impl EitherConn<_>`, if code with a connection of `sqlx` calls it too\nhelp: is it another parameter, such as one of an alias? name it: `#[leased(on = name)]`\nhelp: mark it `#[handler]` instead if it opens leases itself"
    )
}

const OUTSIDE: &str = "SL010: this closure is outside a `#[handler]`, so nothing checks what it awaits\nhelp: add `#[handler]` to the function that it is in";
const BOXED_EITHER: &str = "SL009: `boxed` does not fit a helper on an `EitherConn`, whose futures are not boxed\nhelp: remove `boxed`, or give the function a `&mut Conn<_>`";
const ASYNC_TRAIT: &str = "SL009: `#[async_trait]` boxes the futures, and what it makes are not database futures\nhelp: remove it, and write `#[leased(boxed)]` on trait and implementations";

fn boxed_above(sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` is not an `async fn`, so nothing would check the future that it returns\nhelp: make it `async fn`\nhelp: if an attribute above has boxed it, remove that, and write `#[leased(boxed)]`"
    )
}

fn has_parameter(sig: &Signature, name: &Ident) -> bool {
    connections::parameters(sig).any(|(parameter, _)| parameter == Some(name))
}

fn no_parameter(sig: &Signature, on: &Ident) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` has no parameter `{on}` that could carry the lease\nhelp: name one of its parameters: `on = ..`"
    )
}

fn never_returns(sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` never returns, so its lease would not end\nhelp: return a `Result`, and leave the loop outside of the lease"
    )
}

fn marks_nothing(role: Role) -> &'static str {
    match role {
        Role::Handler => {
            "SL009: no function in here is async, so `#[handler]` has nothing to check\nhelp: remove the attribute"
        }
        Role::Leased => {
            "SL009: no function in here runs on a lease, so `#[leased]` has nothing to check\nhelp: take a parameter whose type is written `&mut Conn<_>` or `&mut Tx<_>`, or name one: `on = ..`\nhelp: is the connection in a field of `self`? put the attribute on each method that uses it\nhelp: or remove the attribute"
        }
    }
}

fn no_body(sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` has no body that `#[handler]` could check\nhelp: put the attribute on the functions that implement it"
    )
}
