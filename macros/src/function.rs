//! From an attribute to its expansion: each function in the item is checked and rewritten.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::{FnArg, Signature};

use crate::args::{Args, Role};
use crate::code::{Code, End, Region};
use crate::error::Errors;
use crate::item::{Function, Item, Place};
use crate::parked;
use crate::rules::raw_access;
use crate::rules::transaction_state::Within;
use crate::scope::Scope;
use crate::signature;
use crate::syntax;
use crate::tokens::list;

/// Expands an attribute. The item always comes out, whatever is wrong with it.
pub(crate) fn expand(role: Role, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = Args::parse(role, args.clone()).unwrap_or_else(|error| {
        errors.push(&error);
        Args::of_unreadable(args)
    });
    let readable = !errors.any();
    if !readable {
        // What they allow is not known: one mistake, one error.
        errors.stop();
    }
    let mut target = match Item::read(item.clone()) {
        Ok(target) => target,
        Err(error) => {
            errors.push(&error);
            let errors = errors.into_tokens(&args);
            return quote!(#item #errors);
        }
    };
    let mut changed = false;
    for function in target.functions() {
        changed |= match role {
            Role::Handler => handler(function, &args, &mut errors),
            Role::Leased => leased(function, &args, &mut errors),
        };
    }
    if readable {
        args.unused().iter().for_each(|unused| errors.push(unused));
    }
    let errors = errors.into_tokens(&args);
    // An item that was not rewritten goes out as it came in, token for token.
    if changed { quote!(#target #errors) } else { quote!(#item #errors) }
}

/// Rewrites the leases of a handler; `false` if there are none.
fn handler(function: &mut Function, args: &Args, errors: &mut Errors) -> bool {
    let Some(body) = &function.body else {
        if function.place == Place::Declaration {
            errors.on(&function.sig.ident, no_body(&function.sig));
        }
        return false;
    };
    let marked = function.place == Place::Itself;
    if marked && function.sig.asyncness.is_none() && !has_async(body.stream()) {
        errors.on(&function.sig.ident, not_async("handler", &function.sig));
        return false;
    }
    refuse_parameters(&function.sig, args, errors);
    let error = signature::error_type(args, &function.sig.output);
    let code = Code { region: Region::Handler, error, ..walk(args, errors) };
    rewrite(function, args, code)
}

/// Rewrites a function that runs on a lease; `false` if it does not.
fn leased(function: &mut Function, args: &Args, errors: &mut Errors) -> bool {
    let marked = function.place.is_marked();
    if function.sig.asyncness.is_none() {
        let hidden = function.body.as_ref().is_some_and(|body| has_async(body.stream()));
        if marked && !hidden {
            errors.on(&function.sig.ident, not_async("leased", &function.sig));
        }
        return false;
    }
    if signature::runs_on_lease(function) {
        let output = signature::output(&function.sig);
        let code = Code {
            region: Region::Lease,
            scope: Scope::of(&signature::connections(&function.sig)),
            within: match signature::takes_transaction(&function.sig) {
                true => Within::Transaction,
                false => Within::LeasedFunction,
            },
            returns: Some(quote!(#output)),
            edits: 1,
            ..walk(args, errors)
        };
        rewrite(function, args, code);
    } else if marked {
        errors.on(&function.sig.ident, no_connection(&function.sig));
    } else {
        return false;
    }
    // One that was refused still returns what its callers await.
    signature::lease(function, args);
    true
}

fn walk<'a>(args: &'a Args, errors: &'a mut Errors) -> Code<'a> {
    Code {
        args,
        errors,
        edits: 0,
        region: Region::Handler,
        scope: Scope::default(),
        within: Within::Lease,
        error: quote!(_),
        returns: None,
        in_closure: false,
        converts: false,
        elsewhere: false,
        verb: false,
        probes: Vec::new(),
        declares: false,
        refused: false,
        placed: false,
    }
}

fn rewrite(function: &mut Function, args: &Args, mut code: Code<'_>) -> bool {
    let Some(body) = &function.body else { return false };
    let (inner, rest) = syntax::inner_attributes(body.stream());
    let mut written = Vec::new();
    let tokens = list(rest);
    code.braces(&tokens, End::Body, &mut written);
    if code.edits == 0 {
        return false;
    }
    if code.region == Region::Handler {
        parked::refuse(&tokens, code.errors);
    }
    let hidden = Span::mixed_site();
    let krate = args.krate(hidden);
    let import = quote_spanned! {hidden=>
        #[allow(unused_imports)]
        use #krate::__private::InLease as _;
    };
    let mut rewritten = Group::new(Delimiter::Brace, quote!(#inner #import #(#written)*));
    rewritten.set_span(body.span());
    function.body = Some(rewritten);
    true
}

fn refuse_parameters(sig: &Signature, args: &Args, errors: &mut Errors) {
    let typed = sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(&input.ty),
        FnArg::Receiver(_) => None,
    });
    let raw = typed.filter_map(|ty| raw_access::in_type(ty));
    let raw: Vec<&Ident> = raw.chain(raw_access::in_generics(&sig.generics)).collect();
    for raw in raw {
        if !args.allows("SL006") {
            errors.at(raw.span(), raw_access::parameter(raw));
        }
    }
}

/// Tells whether another attribute has already put the code into a block.
fn has_async(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "async",
        TokenTree::Group(group) => has_async(group.stream()),
        _ => false,
    })
}

fn not_async(attribute: &str, sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` is not async, so `#[{attribute}]` has nothing to check\nhelp: make it `async fn`, or remove the attribute"
    )
}

fn no_connection(sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` has no connection to run on\nhelp: take a parameter whose type is written `&mut Conn<_>` or `&mut Tx<_>`\nhelp: mark it `#[handler]` instead if it opens leases itself\nnote: aliases of these types are not recognised"
    )
}

fn no_body(sig: &Signature) -> String {
    let name = &sig.ident;
    format!(
        "SL009: `{name}` has no body that `#[handler]` could check\nhelp: put the attribute on the functions that implement it"
    )
}
